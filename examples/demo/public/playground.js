// Two comforts, neither of which is needed: the log goes on by itself, and a form that was sent cannot be sent again.

const log = document.getElementById('log');
const { log: address } = document.body.dataset;

const look = async () => {

    if (document.visibilityState !== 'visible') {
        return;
    }

    const response = await fetch(address, { credentials: 'same-origin' });
    const text = await response.text();
    const fresh = document.createElement('ol');
    fresh.innerHTML = text;                                         // What strangers wrote is escaped in it
    if (response.ok && fresh.children.length > 0 && fresh.textContent !== log.textContent) {
        log.replaceChildren(...fresh.children);
    }
};

if (log !== null && address !== undefined) {
    setInterval(() => look().catch(() => undefined), 2000);         // The server may be away for a while
}

document.addEventListener('submit', ({ target }) => {

    target.querySelector('button').setAttribute('aria-disabled', 'true');
    target.addEventListener('submit', (event) => event.preventDefault());
});

document.defaultView.addEventListener('pageshow', ({ persisted }) => {

    if (persisted) {
        location.reload();                                          // The way back leads to a page from before
    }
});
