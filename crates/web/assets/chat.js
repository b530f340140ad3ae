// A conversation without leaving its page. The page works without this file, as plain forms.
//
// What is sent waits in an outbox until the city has it: after a lost connection or a reload it is sent again, in
// order, under the same name, and the city stores it once. What comes is put in the order of its places. Pictures and
// files are kept in memory alone: after a reload those that were not sent are said to be lost.
const chat = document.querySelector("[data-chat]");
const PAUSES = [500, 1000, 2000, 5000, 10000, 30000];

if (chat) {
  const base = chat.dataset.chat;
  const list = chat.querySelector("#messages");
  const form = chat.querySelector("#composer");
  const box = form?.querySelector("textarea");
  const error = form?.querySelector("#words-error");
  const store = `outbox ${base}`;
  const asked = { "x-requested-with": "chat" };
  const picker = form?.querySelector("#files");
  const fileError = form?.querySelector("#files-error");
  /** Files that will go with the next words. */
  let chosen = [];
  /** Files of what waits in the outbox, by its name. */
  const held = new Map();
  let last = Number(chat.dataset.last) || 0;
  let outbox = read();
  let sending = false;
  let failures = 0;
  /** Whether the next words are what the citizen has just asked for. */
  let follow = false;

  chat.classList.add("live");

  function read() {
    try {
      return JSON.parse(sessionStorage.getItem(store)) ?? [];
    } catch {
      return [];
    }
  }

  function keep() {
    try {
      sessionStorage.setItem(store, JSON.stringify(outbox));
    } catch {
      // A browser that keeps nothing sends what it has while the page is open.
    }
  }

  // Whoever has scrolled up to read is left there.
  function isNear() {
    const newest = list.lastElementChild;
    return !newest || newest.getBoundingClientRect().top < window.innerHeight;
  }

  // The newest words are shown above the field; where they are longer than the window, their beginning.
  function toEnd() {
    const newest = list.lastElementChild;
    if (!newest) return;
    const bar = form && getComputedStyle(form).position === "sticky" ? form.offsetHeight : 0;
    const fits = newest.offsetHeight + bar + 24 < window.innerHeight;
    newest.style.scrollMarginBottom = `${bar + 12}px`;
    newest.scrollIntoView({ block: fits ? "end" : "start" });
  }

  // What was typed stands in the list at once, marked until the city has it.
  function pend(item) {
    if (list.querySelector(`[data-pending="${item.id}"]`)) return;
    const li = document.createElement("li");
    li.className = "say me pending";
    li.dataset.pending = item.id;
    const by = document.createElement("p");
    by.className = "by";
    by.textContent = `${chat.dataset.me} · ${chat.dataset.sending}`;
    const bubble = document.createElement("div");
    bubble.className = "bubble";
    const words = document.createElement("p");
    words.className = "written";
    words.textContent = item.label ?? item.words;
    if (words.textContent) bubble.append(words);
    if (item.files?.length) bubble.append(named(item.files));
    li.append(by, bubble);
    list.append(li);
    toEnd();
  }

  // Names of files, where the files themselves cannot be shown yet.
  function named(names) {
    const files = document.createElement("ul");
    files.className = "files";
    for (const name of names) {
      const li = document.createElement("li");
      li.textContent = name;
      files.append(li);
    }
    return files;
  }

  function unsent(item) {
    const by = list.querySelector(`[data-pending="${item.id}"] .by`);
    if (by) by.textContent = chat.dataset.unsent;
  }

  function tell(sentence) {
    error.textContent = sentence;
    error.hidden = !sentence;
    box.toggleAttribute("aria-invalid", Boolean(sentence));
  }

  function tellOfFiles(sentence) {
    if (!fileError) return;
    fileError.textContent = sentence;
    fileError.hidden = !sentence;
    picker.toggleAttribute("aria-invalid", Boolean(sentence));
  }

  // Takes an item back, with its words and files where they can be changed.
  function giveBack(item, sentence, isOfFiles = false) {
    outbox = outbox.filter((other) => other.id !== item.id);
    keep();
    list.querySelector(`[data-pending="${item.id}"]`)?.remove();
    if (item.words && !box.value.trim()) box.value = item.words;
    if (chosen.length === 0) {
      chosen = held.get(item.id) ?? [];
      showChosen();
    }
    held.delete(item.id);
    (isOfFiles ? tellOfFiles : tell)(sentence);
  }

  // A form without files is sent as it always was.
  function bodyOf(item) {
    const files = held.get(item.id) ?? [];
    const body = files.length ? new FormData() : new URLSearchParams();
    body.set("client_id", item.id);
    for (const name of ["words", "value", "label"]) if (item[name]) body.set(name, item[name]);
    for (const file of files) body.append("files", file, file.name);
    return body;
  }

  // A file that was moved or changed after it was chosen can never be sent.
  async function canBeRead(item) {
    try {
      await Promise.all((held.get(item.id) ?? []).map((file) => file.slice(0, 1).arrayBuffer()));
      return true;
    } catch {
      return false;
    }
  }

  async function send() {
    if (sending || outbox.length === 0) return;
    sending = true;
    const item = outbox[0];
    const body = bodyOf(item);
    let again = true;
    try {
      const answer = await fetch(`${base}/${item.value ? "choice" : "messages"}`, { method: "POST", body, headers: asked });
      if (answer.ok) {
        outbox = outbox.filter((other) => other.id !== item.id);
        held.delete(item.id);
        keep();
        failures = 0;
        again = false;
      } else if (answer.status === 422) {
        const wrong = await answer.json();
        giveBack(item, wrong.error, wrong.file);
        again = false;
      } else if (answer.status === 413) {
        giveBack(item, chat.dataset.toolong);
        again = false;
      } else if (answer.status === 429) {
        tell(chat.dataset.flood);
      }
    } catch {
      // No connection: it stays in the outbox.
      if (!(await canBeRead(item))) {
        held.delete(item.id);
        giveBack(item, picker.dataset.lost, true);
        again = false;
      }
    }
    sending = false;
    if (!again) return send();
    unsent(item);
    setTimeout(send, PAUSES[Math.min(failures++, PAUSES.length - 1)]);
  }

  function put(item, files = []) {
    if (files.length) {
      held.set(item.id, files);
      item.files = files.map((file) => file.name);
    }
    outbox.push(item);
    keep();
    pend(item);
    send();
  }

  function show({ seq, client, html }) {
    if (list.querySelector(`[data-seq="${seq}"]`)) return;
    const near = isNear();
    const made = new DOMParser().parseFromString(html, "text/html").querySelector("li");
    if (!made) return;
    if (client) list.querySelector(`[data-pending="${client}"]`)?.remove();
    list.querySelector(".hello")?.remove();
    const before = [...list.querySelectorAll("[data-seq]")].find((li) => Number(li.dataset.seq) > seq);
    list.insertBefore(made, before ?? list.querySelector(".pending"));
    last = Math.max(last, seq);
    // Only the newest message can be chosen from.
    for (const choices of list.querySelectorAll(".choices")) {
      if (Number(choices.closest("[data-seq]").dataset.seq) < last) choices.remove();
    }
    if (near || follow) toEnd();
    follow = false;
    readUpTo();
  }

  let readTimer;
  function readUpTo() {
    if (document.visibilityState !== "visible") return;
    clearTimeout(readTimer);
    readTimer = setTimeout(() => {
      fetch(`${base}/reading`, { method: "POST", body: new URLSearchParams({ seq: last }), headers: asked }).catch(() => {});
    }, 1500);
  }
  document.addEventListener("visibilitychange", readUpTo);

  let events;
  function listen() {
    events?.close();
    events = new EventSource(`${base}/stream?after=${last}`);
    events.addEventListener("message", (event) => show(JSON.parse(event.data)));
    events.addEventListener("state", (event) => {
      const { state, status, typing } = JSON.parse(event.data);
      const words = chat.querySelector("#status-words");
      if (words.innerHTML !== status) words.innerHTML = status;
      chat.querySelector("#typing").hidden = !typing;
      // The ways on and the rating belong to the state: the page is made anew, and what is typed stays.
      if (state !== chat.dataset.state) refresh(state);
    });
    events.addEventListener("open", send);
    events.addEventListener("error", () => {
      // Browsers come again by themselves unless they were refused.
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    });
  }

  async function refresh(state) {
    chat.dataset.state = state;
    try {
      const answer = await fetch(base);
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const ways = chat.querySelector(".chatways");
      // Whoever pressed a button that goes away is told what has come of it.
      if (ways.contains(document.activeElement)) chat.querySelector("#status").focus({ preventScroll: true });
      ways.replaceWith(page.querySelector(".chatways"));
      chat.querySelector(".rate")?.remove();
      const rate = page.querySelector(".rate");
      if (rate) {
        form?.before(rate);
        rate.scrollIntoView({ block: "nearest" });
      }
    } catch {
      // The next change of state tries again.
    }
  }

  // What will be sent stands below the field, and each can be taken away again.
  function showChosen() {
    const names = form?.querySelector("#chosen");
    if (!names) return;
    names.replaceChildren(
      ...chosen.map((file) => {
        const li = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = file.name;
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "quiet small";
        drop.textContent = picker.dataset.drop;
        drop.setAttribute("aria-label", `${picker.dataset.drop} ${file.name}`);
        drop.addEventListener("click", () => {
          chosen = chosen.filter((other) => other !== file);
          tellOfFiles("");
          showChosen();
          picker.focus();
        });
        li.append(name, drop);
        return li;
      }),
    );
    names.hidden = chosen.length === 0;
  }

  function choose(files) {
    const { most, bytes, many, large } = picker.dataset;
    const fit = [...files].filter((file) => file.size <= Number(bytes));
    const all = [...chosen, ...fit];
    tellOfFiles(fit.length < files.length ? large : all.length > Number(most) ? many : "");
    chosen = all.slice(0, Number(most));
    showChosen();
  }

  picker?.addEventListener("change", () => {
    choose([...picker.files]);
    picker.value = "";
  });
  // A picture from the clipboard; where there are words as well, they are meant.
  box?.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    if (files.length === 0 || types.includes("text/plain")) return;
    event.preventDefault();
    choose([...files]);
  });

  let typed = 0;
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = box.value.trim();
    if (!words && chosen.length === 0) return box.focus();
    tell("");
    tellOfFiles("");
    box.value = "";
    box.dispatchEvent(new Event("input"));
    const files = chosen;
    chosen = [];
    showChosen();
    put({ id: crypto.randomUUID(), words }, files);
    box.focus({ preventScroll: true });
  });

  // Enter sends where there is a keyboard; on a phone it is a new line, and the button sends.
  const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;
  box?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && hasKeyboard && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  box?.addEventListener("input", () => {
    if (!box.value) typed = 0;
    if (chat.dataset.state !== "held" || !box.value || Date.now() - typed < 3000) return;
    typed = Date.now();
    fetch(`${base}/typing`, { method: "POST", headers: asked }).catch(() => {});
  });

  chat.addEventListener("submit", async (event) => {
    const target = event.target;
    if (target.matches("[data-choice]") && target.elements.value) {
      event.preventDefault();
      const id = `${target.elements.client_id.value}-${crypto.randomUUID().slice(0, 8)}`;
      target.closest(".choices").remove();
      put({ id, value: target.elements.value.value, label: target.elements.label.value });
    } else if (target.matches("[data-act], [data-choice]") && target.action.endsWith("/hand-over")) {
      event.preventDefault();
      follow = true;
      try {
        await fetch(target.action, { method: "POST", headers: asked });
      } catch {
        tell(chat.dataset.unsent);
      }
    }
  });

  window.addEventListener("online", () => {
    failures = 0;
    listen();
    send();
  });

  // Files are gone with the page that had them; what the city has of it is in the list.
  const lost = outbox.filter((item) => item.files);
  outbox = outbox.filter((item) => !item.files);
  keep();
  for (const item of lost.filter((one) => !list.querySelector(`[data-client="${one.id}"]`))) {
    giveBack(item, picker?.dataset.lost, true);
  }
  outbox.forEach(pend);
  listen();
  send();
  readUpTo();
  if (last > 1) toEnd();
  chat.querySelector(".rate")?.scrollIntoView({ block: "nearest" });
}
