// The desk while it is open: how long it stays so, and that nothing of it is left on the screen. Without this file the
// server locks it all the same.
const bar = document.querySelector("[data-idle]");
if (bar) {
  const left = bar.querySelector("[data-left]");
  const token = bar.elements.csrf.value;
  const seconds = Number(bar.dataset.idle);
  let until = Date.now() + Number(bar.dataset.rest) * 1000;
  let told = Date.now();
  const dirty = new Set();

  // Whoever types is there: the server is told at most once a minute.
  async function pulse() {
    if (Date.now() - told < 60_000) return;
    told = Date.now();
    try {
      const body = new URLSearchParams({ csrf: token });
      const headers = { "x-requested-with": "sealed" };
      const answer = await fetch("/sealed/pulse", { method: "POST", body, headers, redirect: "error" });
      if (answer.ok) until = Date.now() + seconds * 1000;
    } catch {
      // The next one may come through.
    }
  }
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-typed]");
    if (form) dirty.add(form);
    pulse();
  });
  document.addEventListener("submit", () => dirty.clear());

  // What was typed goes to the server, which asks for the passphrase and keeps it meanwhile. A page with nothing of a
  // case stays, with what was typed; only the lock has gone from it.
  function leave() {
    if ("stays" in bar.dataset) {
      bar.hidden = true;
      return;
    }
    const form = [...dirty].pop();
    document.body.hidden = true;
    if (!form) {
      location.replace(`/sealed/unlock?next=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
    const hold = document.createElement("input");
    hold.type = "hidden";
    hold.name = "_hold";
    hold.value = "on";
    form.append(hold);
    form.noValidate = true;
    HTMLFormElement.prototype.submit.call(form);
  }

  function tick() {
    const rest = Math.ceil((until - Date.now()) / 1000);
    if (rest <= 0) {
      clearInterval(timer);
      leave();
      return;
    }
    const minutes = Math.ceil(rest / 60);
    left.hidden = false;
    left.textContent = rest <= 60 ? `あと${rest}秒で閉じます` : `あと${minutes}分で閉じます`;
    left.classList.toggle("late", rest <= 120);
  }
  const timer = setInterval(tick, 1000);
  tick();
  // A page that comes back from the browser's own store has an old clock: it is asked for anew.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

// How many are ticked, on the button that does something with them.
for (const list of document.querySelectorAll("[data-ticks]")) {
  const button = list.querySelector("[data-ticked]");
  const boxes = [...list.querySelectorAll("input[type=checkbox]")];
  const told = button.textContent;
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    button.textContent = ticked ? button.dataset.ticked.replace("{n}", ticked) : told;
  };
  list.addEventListener("change", count);
  count();
}
