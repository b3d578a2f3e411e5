/* global document */

// Many results of the search are sections of the page that is open, where a click loads nothing: the dialog has to go away by itself.
document.getElementById('tsd-search-results').addEventListener('click', () => document.getElementById('tsd-search').dispatchEvent(new Event('cancel')));
