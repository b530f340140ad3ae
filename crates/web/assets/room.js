// The room with a script: it closes at a touch, its pages leave one entry in the browser's history instead of many, and
// the browser works a little while somebody types their number. Everything works without it.

const REST = 15 * 60 * 1000;
const TWICE = 1500;
let rest;

/** Takes everything away at once: what is on the page, and what is typed. */
function wipe() {
  document.querySelectorAll('form').forEach((form) => form.reset());
  document.body.replaceChildren();
}

function leave() {
  const away = document.querySelector('[data-leave]')?.href ?? '/';
  wipe();
  location.replace(away);
}

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-leave]')) {
    event.preventDefault();
    leave();
    return;
  }
  const copy = event.target.closest('[data-copy]');
  if (copy) {
    navigator.clipboard?.writeText(copy.dataset.copy).then(() => {
      const told = document.querySelector('[data-copied]');
      told.textContent = told.dataset.copied;
    }, () => {});
  }
  if (event.target.closest('[data-print]')) {
    print();
  }
});

let escaped = -TWICE;
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing) {
    return;
  }
  if (event.timeStamp - escaped < TWICE) {
    leave();
  }
  escaped = event.timeStamp;
});

// Whatever a browser keeps of the page for its button "back" is empty.
addEventListener('pagehide', wipe);
addEventListener('pageshow', (event) => {
  if (event.persisted) {
    location.replace(location.pathname);
  }
});

/** Says that something went wrong, beside what was typed. */
function trouble(form, text) {
  let said = form.querySelector('[data-said]');
  if (!said) {
    said = document.createElement('p');
    said.className = 'error';
    said.dataset.said = '';
    said.setAttribute('role', 'alert');
    form.querySelector('.go')?.before(said);
  }
  said.textContent = text;
}

/** Sends a form and shows the page that comes in place of this one, under the same entry of the history. */
async function send(form, button) {
  const fields = new FormData(form, button);
  const body = form.enctype === 'multipart/form-data' ? fields : new URLSearchParams(fields);
  button?.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(form.action, {
      method: 'POST', body, cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error',
    });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const refused = page.querySelector('[data-trouble]');
    if (refused) {
      // What was typed stays.
      trouble(form, refused.textContent);
      return;
    }
    document.body.replaceChildren(...[...page.body.childNodes].map((node) => document.adoptNode(node)));
    for (const { name, value } of page.body.attributes) {
      document.body.setAttribute(name, value);
    }
    scrollTo(0, 0);
    enhance();
    (document.querySelector('[aria-invalid="true"]') ?? document.querySelector('#main'))?.focus({ preventScroll: false });
  } catch {
    trouble(form, document.body.dataset.offline ?? '');
  } finally {
    button?.removeAttribute('aria-busy');
  }
}

let busy = false;
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.hasAttribute('data-plain')) {
    return;
  }
  event.preventDefault();
  if (busy) {
    return;
  }
  busy = true;
  send(form, event.submitter).finally(() => { busy = false; });
});

/** Zero bits at the front of a digest. */
function zeroBits(digest) {
  let bits = 0;
  for (const byte of digest) {
    if (byte) {
      return bits + Math.clz32(byte) - 24;
    }
    bits += 8;
  }
  return bits;
}

/** Looks for the number that proves work (`vault::work`), in small steps, so that typing stays smooth. */
async function work(form) {
  const challenge = form.dataset.work;
  const field = form.elements.work;
  if (!challenge || !field || !crypto.subtle) {
    return;
  }
  const binary = atob(challenge.replaceAll('-', '+').replaceAll('_', '/'));
  const wanted = binary.charCodeAt(1);
  const text = new TextEncoder();
  const batch = 64;
  for (let number = 0; form.isConnected; number += batch) {
    const tries = Array.from({ length: batch }, (_, i) => crypto.subtle.digest('SHA-256', text.encode(challenge + (number + i))));
    const digests = await Promise.all(tries);
    const found = digests.findIndex((digest) => zeroBits(new Uint8Array(digest)) >= wanted);
    if (found >= 0) {
      field.value = `${challenge}.${number + found}`;
      return;
    }
    if (number % (batch * 16) === 0) {
      await new Promise((resume) => { setTimeout(resume); });
    }
  }
}

function rested() {
  if (document.querySelector('[data-talk]')) {
    wipe();
    location.replace(location.pathname);
  }
}

function enhance() {
  for (const tools of document.querySelectorAll('[data-tools]')) {
    tools.hidden = false;
  }
  for (const form of document.querySelectorAll('form[data-work]')) {
    work(form);
  }
}

for (const sign of ['pointerdown', 'keydown', 'input']) {
  addEventListener(sign, () => {
    clearTimeout(rest);
    rest = setTimeout(rested, REST);
  }, { passive: true });
}
rest = setTimeout(rested, REST);
enhance();
