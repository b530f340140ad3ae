// Writing a 原稿: saved while somebody types, shown as citizens will see it, and who else is there.
// Without this file the buttons of the page do the same.
const form = document.querySelector("form[data-draft]");
if (form) {
  const address = form.dataset.draft;
  const saved = document.querySelector("[data-saved]");
  const trouble = document.querySelector("[data-trouble]");
  const others = document.querySelector("[data-others]");
  const preview = document.querySelector("[data-preview]");
  const data = () => new URLSearchParams(new FormData(form));
  const token = () => form.elements.csrf.value;
  const send = (path, body) =>
    fetch(path, { method: "POST", body, headers: { "x-requested-with": "desk" }, redirect: "error" });
  const tell = (text, link) => {
    const line = trouble.querySelector("p");
    line.textContent = text;
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link;
      anchor.textContent = "2つの文章をくらべる";
      line.append(" ", anchor);
    }
    trouble.hidden = text === "";
  };

  let changed = false;
  let stopped = false;
  let timer;
  let busy = false;
  // One save at a time: the next one carries the number that this one brings.
  async function save() {
    if (busy || stopped || !changed) return;
    busy = true;
    changed = false;
    try {
      const response = await send(address, data());
      if (response.status === 401) {
        changed = true;
        tell("ログインが切れました。書いた文章はこの画面に残っています。別のタブでログインしてから「保存する」を押してください。");
      } else if (!response.ok) {
        changed = true;
        tell("保存できませんでした。書いた文章はこの画面に残っています。少し待ってから「保存する」を押してください。");
      } else {
        const answer = await response.json();
        if (answer.state === "saved") {
          form.elements.edit.value = answer.edit;
          saved.textContent = `保存しました ${answer.at}`;
          tell("");
        } else if (answer.state === "conflict") {
          stopped = true;
          tell("ほかの人が先に保存しました。あなたの文章は残してあります。", answer.url);
        } else {
          changed = true;
          tell(answer.reason);
        }
      }
    } catch {
      changed = true;
      tell("つながりません。書いた文章はこの画面に残っています。つながったら、もう一度保存します。");
    }
    busy = false;
    if (changed && !stopped) timer = setTimeout(save, 10000);
  }
  async function show() {
    try {
      const response = await send(`${address}/preview`, data());
      if (response.ok) {
        preview.innerHTML = await response.text();
        only();
      }
    } catch {
      // The next change tries again.
    }
  }
  form.addEventListener("input", (event) => {
    const count = document.querySelector(`[data-count="${event.target.name}"]`);
    if (count) {
      const length = [...event.target.value].length;
      count.textContent = length;
      count.parentElement.classList.toggle("late", length > Number(event.target.dataset.most));
    }
    changed = true;
    saved.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(() => {
      save();
      show();
    }, 2000);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    stopped = true;
    changed = false;
  });
  window.addEventListener("online", save);
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  // Languages: one at a time, and the preview follows.
  const tabs = [...document.querySelectorAll("[data-langs] a")];
  let lang = "ja";
  function only() {
    for (const tab of tabs) {
      if (tab.dataset.for === lang) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    for (const part of document.querySelectorAll("[data-lang-form]")) part.hidden = part.dataset.langForm !== lang;
    const parts = [...preview.querySelectorAll(":scope > [data-lang]")];
    const there = parts.some((part) => part.dataset.lang === lang);
    for (const part of parts) part.hidden = part.dataset.lang !== (there ? lang : "ja");
  }
  // A link to a field in another language opens that language first.
  function reveal(hash) {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    const part = target && target.closest("[data-lang-form]");
    if (part) {
      lang = part.dataset.langForm;
      only();
      if (target !== part) target.focus();
    }
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link) return;
    reveal(link.hash);
    if (link.dataset.for) event.preventDefault();
  });
  only();
  reveal(location.hash);

  // Who else is here.
  async function present() {
    try {
      const response = await send(`${address}/presence`, new URLSearchParams({ csrf: token() }));
      if (!response.ok) return;
      const names = (await response.json()).others;
      others.hidden = names.length === 0;
      if (names.length > 0) others.textContent = `${names.map((n) => `${n}さん`).join("、")}も、この原稿を開いています。`;
    } catch {
      // Said again in 15 seconds.
    }
  }
  present();
  setInterval(present, 15000);
  window.addEventListener("pagehide", () => {
    navigator.sendBeacon(`${address}/presence`, new URLSearchParams({ csrf: token(), leave: "1" }));
  });
}
