// The live board asks for itself again while somebody looks at it. The page works without this file.
const board = document.querySelector("[data-live]");
const state = document.querySelector("[data-live-state]");
const EVERY = 15_000;

async function again() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(board.dataset.live, { headers: { "x-requested-with": "figures" } });
    if (!answer.ok) throw new Error(String(answer.status));
    board.innerHTML = await answer.text();
    state.textContent = "15秒ごとに自動で更新しています。";
  } catch {
    state.textContent = "自動の更新が止まっています。「更新」を押してください。";
  }
}

if (board && state) {
  state.textContent = "15秒ごとに自動で更新しています。";
  setInterval(again, EVERY);
  document.addEventListener("visibilitychange", again);
}
