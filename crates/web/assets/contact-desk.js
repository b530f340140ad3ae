// The desk of the contact centre: what happens is shown at once, and nothing that is typed is lost. The pages work
// without this file, as plain forms.
const desk = document.querySelector("[data-desk]");

if (desk) {
  const contact = desk.dataset.contact;
  const asked = { "x-requested-with": "desk" };
  // The address of a form that was refused can be posted to, but not read.
  const here = contact ? `/contacts/${contact}` : "/contacts";
  const csrf = document.querySelector("input[name=csrf]")?.value ?? "";
  const LISTS = ["queue", "rows"];
  const talk = () => desk.querySelector("#talk");
  let last = Number(desk.dataset.last) || 0;
  let version;

  document.body.classList.add("live");
  const post = (path, fields) =>
    fetch(`/contacts/${contact}/${path}`, {
      method: "POST",
      body: new URLSearchParams({ csrf, ...fields }),
      headers: asked,
      keepalive: true,
    });

  // Files may be more than a browser sends for a page that is gone.
  function postFiles(path, fields, files) {
    const body = new FormData();
    for (const [name, value] of Object.entries({ csrf, ...fields })) body.set(name, value);
    for (const file of files) body.append("files", file, file.name);
    return fetch(`/contacts/${contact}/${path}`, { method: "POST", body, headers: asked });
  }

  // Whether something is typed or chosen in a part, or is about to be.
  function isTouched(part) {
    if (part.contains(document.activeElement) && document.activeElement.matches("textarea, select")) return true;
    if (part.querySelector("[data-kept]")) return true; // What was refused stands there to be mended.
    return [...part.querySelectorAll("textarea, select")].some((field) =>
      field.matches("textarea")
        ? field.value !== field.defaultValue
        : field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected)),
    );
  }

  // Parts of the page are read again; what is typed stays where it is.
  async function refresh(parts) {
    if (gone) return;
    let page;
    try {
      const headers = { accept: "text/html", "x-parts": parts.join(" ") };
      const answer = await fetch(here + location.search, { headers });
      if (answer.status === 403 && contact) return leave();
      if (!answer.ok) return;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return; // The next change tries again.
    }
    for (const id of parts) {
      const old = document.getElementById(id);
      const fresh = page.getElementById(id);
      if (!old || !fresh || isTouched(old)) continue;
      if (old.innerHTML === fresh.innerHTML) continue;
      const inside = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
      const down = id === "talk" && isAtEnd();
      old.replaceWith(fresh);
      if (inside) fresh.querySelector(`a[href="${CSS.escape(inside)}"]`)?.focus();
      if (down) toEnd();
    }
    // Who has the contact may have changed: then the whole page is another one.
    const form = document.querySelector("#reply") !== null;
    if (contact && form !== (page.querySelector("#reply") !== null)) {
      await keepDrafts();
      location.reload();
    }
  }

  // Whoever has scrolled up to read is left there.
  const isAtEnd = () => talk().scrollHeight - talk().scrollTop - talk().clientHeight < 120;

  // Another section has it now, and its words are no longer for this one.
  let events;
  let gone = false;
  function leave() {
    gone = true;
    events?.close();
    location.assign("/contacts?done=contact-elsewhere");
  }

  const toEnd = () => talk()?.scrollTo({ top: talk().scrollHeight });

  // Nobody looks at the lists of a page behind others; they are read when it comes to the front.
  function refreshLists() {
    if (document.visibilityState === "visible") refresh(LISTS);
  }

  function listen() {
    events = new EventSource(`/contacts/stream${contact ? `?contact=${encodeURIComponent(contact)}` : ""}`);
    events.addEventListener("desk", refreshLists);
    events.addEventListener("contact", (event) => {
      const state = JSON.parse(event.data);
      if (state.gone) return leave();
      const down = isAtEnd();
      desk.querySelector("#typing").hidden = !state.typing;
      desk.querySelector("#others").hidden = !state.others;
      if (down) toEnd();
      const key = `${state.version} ${state.read}`;
      if (version !== undefined && version !== key) {
        refresh(["about", "talk"]);
        if (state.last > last) {
          suggest();
          readUpTo(state.last);
        }
      }
      version = key;
      last = Math.max(last, state.last);
    });
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    });
  }

  // Only whoever has the contact reads it for the desk.
  function readUpTo(seq) {
    if (document.visibilityState === "visible" && document.querySelector("#reply")) post("reading", { seq }).catch(() => {});
  }

  // Answers for what the citizen says now, or for what the person looks for.
  const look = desk.querySelector("[data-look]");
  async function suggest() {
    const typed = look?.elements.q.value.trim() ?? "";
    try {
      const answer = await fetch(`/contacts/${contact}/suggestions?q=${encodeURIComponent(typed)}`);
      if (!answer.ok) return;
      const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#suggestions");
      document.getElementById("suggestions")?.replaceWith(made);
    } catch {
      // Those on the page stay.
    }
  }
  let looking;
  look?.addEventListener("input", () => {
    clearTimeout(looking);
    looking = setTimeout(suggest, 150);
  });
  look?.addEventListener("submit", (event) => {
    event.preventDefault();
    suggest();
  });

  // An answer goes into the reply with its facts; the words can still be changed.
  const reply = document.querySelector("#reply");
  function insert(button) {
    if (!reply || !button) return;
    const { words, article } = reply.elements;
    if (![...article.options].some((o) => o.value === button.dataset.insert)) {
      article.add(new Option(button.dataset.question, button.dataset.insert));
    }
    article.value = button.dataset.insert;
    words.value = words.value.trim() ? `${words.value.trimEnd()}\n${button.dataset.summary}` : button.dataset.summary;
    words.focus();
    words.dispatchEvent(new Event("input", { bubbles: true }));
  }
  desk.addEventListener("click", (event) => insert(event.target.closest("[data-insert]")));
  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest("input, textarea, select");
    // With Alt some keyboards make another sign of a digit: the key itself counts.
    const digit = event.altKey ? /^Digit([1-9])$/.exec(event.code)?.[1] : event.key;
    if (!/^[1-9]$/.test(digit ?? "") || event.ctrlKey || event.metaKey || (inField && !event.altKey)) return;
    const button = desk.querySelector(`[data-insert][data-key="${digit}"]`);
    if (button) {
      event.preventDefault();
      insert(button);
    }
  });
  desk.querySelector("[data-macro]")?.addEventListener("change", (event) => {
    const { words } = reply.elements;
    words.value = words.value.trim() ? `${words.value.trimEnd()}\n${event.target.value}` : event.target.value;
    event.target.value = "";
    words.focus();
    words.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // A draft of the summary for the next section; the person changes and sends it.
  desk.querySelector("[data-condense]")?.addEventListener("click", async (event) => {
    const button = event.target;
    const told = desk.querySelector("[data-condense-told]");
    button.disabled = true;
    told.textContent = "要約を作っています…";
    try {
      const answer = await post("summary", {});
      const said = await answer.json();
      if (answer.ok) document.getElementById("summary").value = said.text;
      told.textContent = answer.ok ? "下書きです。確かめてから頼んでください。" : said.error;
    } catch {
      told.textContent = "つながりません。要約を書いてください。";
    }
    button.disabled = false;
  });

  // Drafts are kept while somebody types.
  const forms = [...desk.querySelectorAll("form[data-draft]")];
  const changed = new Set();
  async function keep(form) {
    changed.delete(form);
    const saved = form.querySelector("[data-saved]");
    try {
      const answer = await post("draft", { kind: form.dataset.draft, words: form.elements.words.value });
      if (!answer.ok) throw new Error(String(answer.status));
      if (saved) saved.textContent = form.elements.words.value.trim() ? "下書きを保存しました" : "";
    } catch {
      changed.add(form);
      if (saved) saved.textContent = "下書きを保存できません。つながったら保存します。";
    }
  }
  const keepDrafts = () => Promise.all([...changed].map(keep));
  let typed = 0;
  for (const form of forms) {
    let timer;
    form.elements.words.addEventListener("input", () => {
      changed.add(form);
      clearTimeout(timer);
      timer = setTimeout(() => keep(form), 600);
      if (form.dataset.draft === "reply" && Date.now() - typed > 3000) {
        typed = Date.now();
        post("typing", {}).catch(() => {});
      }
    });
    // One message at a time; who sends the next one meanwhile sends it when this one is there.
    let busy = false;
    let next = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      clearTimeout(timer);
      if (busy) {
        next = true;
        return;
      }
      const { words, client_id, article, files: picker } = form.elements;
      const trouble = form.querySelector("[data-trouble]");
      const files = [...(picker?.files ?? [])];
      if (!words.value.trim() && !article?.value && files.length === 0) return words.focus();
      busy = true;
      let isThere = false;
      try {
        const fields = { client_id: client_id.value, words: words.value };
        if (article?.value) fields.article = article.value;
        // It stays ticked: whoever speaks of something personal goes on speaking of it.
        if (form.elements.on_page?.checked) fields.on_page = form.elements.on_page.value;
        const answer = await (files.length ? postFiles(form.dataset.draft, fields, files) : post(form.dataset.draft, fields));
        if (answer.ok) {
          if (picker) picker.value = "";
          changed.delete(form);
          // Who begins to write again is seen to do so at once.
          typed = 0;
          // What was typed while it was on its way stays.
          words.value = words.value.startsWith(fields.words) ? words.value.slice(fields.words.length).trimStart() : words.value;
          if (article) article.value = "";
          isThere = true;
          // What follows is another message.
          client_id.value = crypto.randomUUID();
          trouble.hidden = true;
          const saved = form.querySelector("[data-saved]");
          if (saved) saved.textContent = "";
          await refresh(["about", "talk"]);
          toEnd();
        } else {
          const sentence = answer.status === 422 ? (await answer.json()).error
            : answer.status === 413 ? "ファイルが大きすぎます。1つ10MBまでにして、もう一度送ってください。"
            : answer.status === 401 ? "ログインが切れました。書いたことばは残っています。別のタブでログインしてから、もう一度送ってください。"
              : "送れませんでした。書いたことばは残っています。";
          trouble.textContent = sentence;
          trouble.hidden = false;
        }
      } catch {
        // Sent again under the same name, it is stored once.
        trouble.textContent = "つながりません。書いたことばは残っています。もう一度「送る」を押してください。";
        trouble.hidden = false;
      }
      busy = false;
      const goesOn = next && isThere && words.value.trim();
      next = false;
      if (goesOn) form.requestSubmit();
      else if (isThere && words.value.trim()) words.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  setInterval(keepDrafts, 5000);
  // Waiting grows although nothing happens.
  setInterval(refreshLists, 30000);
  document.addEventListener("visibilitychange", () => {
    refreshLists();
    if (contact) readUpTo(last);
  });
  window.addEventListener("pagehide", keepDrafts);

  document.querySelector("[data-send]")?.addEventListener("change", (event) => event.target.form.submit());

  listen();
  if (contact) {
    toEnd();
    readUpTo(last);
  }
}
