/* global document, window, MutationObserver -- This runs in the pages of the site */

(() => {

    const input = document.getElementById('tsd-search-input');
    const results = document.getElementById('tsd-search-results');
    const { base } = document.documentElement.dataset;

    // Many results of the search are sections of the page that is open, where a click loads nothing: the dialog has to go away by itself.
    results.addEventListener('click', () => document.getElementById('tsd-search').dispatchEvent(new Event('cancel')));

    const width = 150;

    /** The piece of a text that has most of the words, as `[start, end]`; its beginning where it has none. */
    const pieceOf = (text, found) => {

        const telling = (start) => new Set(found.filter(({ index, 0: word }) => index >= start && index + word.length <= start + width).map(([word]) => word.toLowerCase())).size;
        const [best] = found.map(({ index }) => index).sort((a, b) => telling(b) - telling(a) || a - b);
        const wanted = Math.max(0, Math.min((best ?? 0) - 30, text.length - width));
        const start = wanted === 0 ? 0 : text.indexOf(' ', wanted) + 1 || wanted;
        const end = text.length <= start + width ? text.length : Math.max(text.lastIndexOf(' ', start + width), start + width - 30);
        return [start, end];
    };

    /** The words around a match, the match marked. */
    const excerptOf = (text, words) => {

        const pattern = new RegExp(words.map((word) => word.replaceAll(/[$.*+?^()[\]{}|\\/-]/g, '\\$&')).join('|') || '(?!)', 'gi');
        const found = [...text.matchAll(pattern)];
        const [start, end] = pieceOf(text, found);
        const excerpt = document.createElement('span');
        excerpt.className = 'excerpt';
        excerpt.append(start > 0 ? '… ' : '');
        let at = start;
        for (const { index, 0: match } of found.filter(({ index, 0: match }) => index >= start && index + match.length <= end)) {
            const mark = document.createElement('mark');
            mark.append(match);
            excerpt.append(text.slice(at, index), mark);
            at = index + match.length;
        }

        excerpt.append(text.slice(at, end), end < text.length ? ' …' : '');
        return excerpt;
    };

    const showExcerpts = () => {

        const typed = input.value.toLowerCase().split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== '');
        const telling = typed.filter((word) => word.length > 2);
        for (const link of results.querySelectorAll('a:not(:has(.excerpt))')) {
            const text = window.searchExcerpts?.[link.getAttribute('href').replace(base, '')];
            if (text !== undefined) {
                link.querySelector('.text').append(excerptOf(text, telling.length > 0 ? telling : typed));
            }
        }
    };

    new MutationObserver(showExcerpts).observe(results, { childList: true });
    input.addEventListener('focus', () => {

        const script = document.createElement('script');
        script.src = `${base}assets/excerpts.js`;
        script.addEventListener('load', showExcerpts);
        document.head.append(script);
    }, { once: true });

    // A link within what opens and closes a list is one control in another, which screen readers do not say: it becomes the first entry of the list.
    const lists = document.getElementById('tsd-nav-container');
    new MutationObserver(() => {

        for (const link of lists.querySelectorAll('summary > a')) {
            const name = document.createElement('span');
            name.append(...link.childNodes);
            const first = document.createElement('li');
            const list = link.closest('details').querySelector('ul');
            link.replaceWith(name);
            link.append('Overview');
            first.append(link);
            list.prepend(first);
        }
    }).observe(lists, { childList: true });
})();
