// Suggestions under the question while somebody types. Every page works without this file.
const PAUSE = 120;

for (const input of document.querySelectorAll("[data-suggest]")) {
  const box = input.form;
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggestLabel);
  list.hidden = true;
  box.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) {
    input.setAttribute(name, value);
  }

  let timer;
  let asking;
  let current = -1;
  const options = () => [...list.children];

  function close() {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    mark(-1);
    input.setAttribute("aria-expanded", "false");
  }

  function mark(index) {
    current = index;
    options().forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options()[index].id);
  }

  function show(found) {
    list.replaceChildren(
      ...found.map(({ question, lang, url }, i) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.lang = lang;
        option.textContent = question;
        option.dataset.url = url;
        return option;
      }),
    );
    mark(-1);
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const typed = input.value.trim();
    if (!typed) return close();
    try {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
      if (!answer.ok) return close();
      // Whoever has gone on or sent the question meanwhile needs no list.
      if (document.activeElement === input) show(await answer.json());
    } catch {
      // Without a connection the field is as it is without this file.
    }
  }

  const go = (option) => location.assign(`${option.dataset.url}?q=${encodeURIComponent(input.value.trim())}`);

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    const last = options().length - 1;
    if (event.key === "ArrowDown") mark(current < last ? current + 1 : -1);
    else if (event.key === "ArrowUp") mark(current < 0 ? last : current - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && current >= 0) go(options()[current]);
    else return;
    event.preventDefault();
  });
  // The pointer must not take the focus away before the choice is made.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(option);
  });
  input.addEventListener("blur", close);
  box.addEventListener("submit", close);
}
