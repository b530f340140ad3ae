// Sends to many: how the text looks on a telephone while it is typed, and the figures while it is sent.
// Without this file the texts are shown after saving, and a link of the page reads the figures again.
const EVERY = 2_000;

for (const form of document.querySelectorAll("form[data-send]")) {
  const view = form.querySelector("[data-view]");
  const talk = form.querySelector("[data-talk]");
  view.hidden = false;
  for (const part of form.querySelectorAll("[data-count]")) part.hidden = false;

  // Characters as the program counts them: code points of the text without blanks around it.
  const letters = (text) => [...text.trim().replaceAll("\r\n", "\n")].length;

  const bubble = (name, lang, body) => {
    const head = document.createElement("h3");
    head.textContent = name;
    const box = document.createElement("div");
    box.className = "sendbubble";
    box.lang = lang;
    const title = document.createElement("b");
    title.textContent = form.elements.title.value.trim() || "（件名）";
    const text = document.createElement("p");
    text.textContent = body || "（本文）";
    box.append(title, text);
    return [head, box];
  };

  function draw() {
    talk.replaceChildren();
    for (const area of form.querySelectorAll("[data-text]")) {
      const body = area.value.trim();
      if (body !== "" || area.name === "ja") talk.append(...bubble(area.dataset.text, area.lang, body));
    }
    for (const part of form.querySelectorAll("[data-count]")) {
      const field = part.closest(".field").querySelector("input, textarea");
      const number = letters(field.value);
      part.querySelector("b").textContent = number;
      part.classList.toggle("late", number > Number(part.dataset.count));
    }
  }

  form.addEventListener("input", draw);
  draw();
}

const live = document.querySelector("[data-live]");
if (live) {
  const told = document.querySelector("[data-live-state]");
  const began = live.querySelector("[data-state]").dataset.state;
  told.textContent = "2秒ごとに自動で更新しています。";
  const timer = setInterval(async () => {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(live.dataset.live, { headers: { "x-requested-with": "sends" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-state]");
      if (fresh.dataset.state === began) {
        live.replaceChildren(fresh);
        told.textContent = "2秒ごとに自動で更新しています。";
        return;
      }
      // It stands still or is over: the page has other words and buttons then. What is being typed is not lost.
      clearInterval(timer);
      const typing = [...document.querySelectorAll("main :is(input, textarea)")].some((field) => field.type !== "hidden" && field.value !== field.defaultValue);
      if (typing) told.textContent = "送信の様子が変わりました。このページを開き直してください。";
      else location.replace(location.pathname);
    } catch {
      told.textContent = "自動の更新が止まっています。このページを開き直してください。";
    }
  }, EVERY);
}
