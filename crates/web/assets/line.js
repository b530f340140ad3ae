// The simulator of LINE without leaving its page. It works without this file, as plain forms.
const page = document.querySelector("[data-user]");

if (page) {
  const talk = page.querySelector("#talk");
  const form = page.querySelector("form.sim");
  const text = form.querySelector("textarea");
  const address = `/simulators/line/${page.dataset.user}/talk`;
  let shown = talk.innerHTML;

  function toEnd() {
    const list = talk.querySelector(".simtalk");
    if (list) list.scrollTop = list.scrollHeight;
  }

  async function look() {
    try {
      const answer = await fetch(address);
      if (!answer.ok) return;
      const html = await answer.text();
      if (html === shown) return;
      // Whoever has a button in hand keeps it.
      const inside = talk.contains(document.activeElement) && document.activeElement !== document.body;
      const open = talk.querySelector("details")?.open;
      shown = html;
      talk.innerHTML = html;
      if (open === false) talk.querySelector("details").open = false;
      if (inside) text.focus();
      const friend = talk.querySelector("[data-friend]")?.dataset.friend;
      const label = page.querySelector(".simusers a[aria-current] .meta");
      if (friend && label) label.textContent = friend;
      toEnd();
    } catch {
      // The next look tries again.
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    if (event.submitter?.name) data.delete("text");
    text.value = event.submitter?.name ? text.value : "";
    form.querySelector("input[type=file]").value = "";
    await fetch(form.action, { method: "POST", body: data, redirect: "manual" });
    await look();
  });

  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  toEnd();
  setInterval(look, 700);
}
