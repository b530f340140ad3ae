// The editor of a rich menu: its picture is drawn while somebody types, and goes along with the form.
// Without this file a picture that was made elsewhere is sent, and buttons of the page show another layout.
const form = document.querySelector("form[data-menu]");
if (form) {
  const cells = JSON.parse(form.dataset.cells);
  const tones = JSON.parse(form.dataset.tones);
  const view = form.querySelector("[data-view]");
  const canvas = view.querySelector("canvas");
  const trouble = form.querySelector("[data-trouble]");
  const files = form.elements.files;
  const tiles = [...form.querySelectorAll("[data-tile]")];
  // LINE takes 1 MB.
  const MOST = 1_000_000;
  const letters = (text) => [...new Intl.Segmenter("ja", { granularity: "grapheme" }).segment(text)].map((s) => s.segment);

  view.hidden = false;
  for (const part of form.querySelectorAll("[data-no-script]")) part.hidden = true;
  for (const part of form.querySelectorAll("[data-count]")) part.hidden = false;

  const isOwn = () => form.elements.source.value === "own";
  const size = () => form.elements.size.value;
  const areas = () => cells[form.elements.layout.value][size()];
  const field = (tile, name) => tile.querySelector(`[name="${name}"]`);

  // A picture of one's own: the file that was chosen, or the one that is stored.
  let own;
  async function readOwn() {
    own = undefined;
    const file = files.files[0];
    try {
      if (file) own = await createImageBitmap(file);
      else if (form.dataset.picture) own = await createImageBitmap(await (await fetch(form.dataset.picture)).blob());
      trouble.textContent = "";
    } catch {
      trouble.textContent = "この絵のファイルは読めません。JPEGかPNGを選んでください。";
    }
  }

  // Breaks a label into lines that fit, between letters: Japanese needs no more.
  function lines(pen, text, width) {
    const all = [""];
    for (const letter of letters(text)) {
      const longer = all[all.length - 1] + letter;
      if (pen.measureText(longer).width > width && all[all.length - 1] !== "") all.push(letter);
      else all[all.length - 1] = longer;
    }
    return all;
  }

  // Whether this computer has a shape for a letter: without one it draws the same box for every one that is missing.
  const shapes = new Map();
  function shape(letter) {
    const small = document.createElement("canvas");
    [small.width, small.height] = [40, 40];
    const pen = small.getContext("2d", { willReadFrequently: true });
    pen.font = `32px ${getComputedStyle(document.body).fontFamily}`;
    pen.textBaseline = "middle";
    pen.fillText(letter, 2, 20);
    return pen.getImageData(0, 0, 40, 40).data.join();
  }
  const missing = shape("\u{10fffd}");
  function isDrawable(letter) {
    if (!shapes.has(letter)) shapes.set(letter, shape(letter) !== missing);
    return shapes.get(letter);
  }

  function drawTile(pen, [x, y, width, height], tile) {
    const [ground, ink] = tones[field(tile, "colour").value];
    pen.fillStyle = ground;
    pen.fillRect(x, y, width, height);
    const typed = field(tile, "icon").value.trim();
    const icon = isDrawable(typed) ? typed : "";
    const label = field(tile, "label").value.trim();
    const family = getComputedStyle(document.body).fontFamily;
    const largest = Math.min(height / 4, width / 5, 150);
    let letter = largest;
    let rows;
    for (;;) {
      pen.font = `700 ${letter}px ${family}`;
      rows = lines(pen, label, width * 0.86);
      const isTooHigh = rows.length * letter * 1.3 > height * (icon ? 0.42 : 0.8) && letter > 24;
      // A letter alone in the last line reads badly.
      const isTorn = rows.length > 1 && letters(rows[rows.length - 1]).length === 1 && letter > largest * 0.75;
      if (!isTooHigh && !isTorn) break;
      letter *= 0.94;
    }
    const picture = icon ? Math.min(height * 0.34, width * 0.4) : 0;
    const whole = rows.length * letter * 1.3 + picture * 1.25;
    let at = y + (height - whole) / 2;
    pen.fillStyle = ink;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    if (icon) {
      pen.font = `700 ${picture}px ${family}`;
      pen.fillText(icon, x + width / 2, at + picture / 2, width);
      at += picture * 1.25;
    }
    pen.font = `700 ${letter}px ${family}`;
    for (const row of rows) {
      pen.fillText(row, x + width / 2, at + letter * 0.65, width * 0.92);
      at += letter * 1.3;
    }
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 12;
    pen.strokeRect(x, y, width, height);
  }

  function draw() {
    const height = size() === "small" ? 843 : 1686;
    if (canvas.height !== height) canvas.height = height;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    if (isOwn()) {
      if (own) {
        // As large as needed to cover the whole, cut off evenly.
        const scale = Math.max(canvas.width / own.width, canvas.height / own.height);
        const [w, h] = [own.width * scale, own.height * scale];
        pen.drawImage(own, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
      }
    } else {
      areas().forEach((area, i) => drawTile(pen, area, tiles[i]));
    }
    const labels = areas().map((_, i) => field(tiles[i], "label").value.trim());
    canvas.setAttribute("aria-label", `メニューの絵。ボタン: ${labels.join("、")}`);
    view.querySelector("[data-bar]").textContent = form.elements.bar.value;
    const lost = isOwn() ? [] : areas().map((_, i) => field(tiles[i], "icon").value.trim()).filter((t) => !isDrawable(t));
    view.querySelector("[data-lost]").textContent =
      lost.length > 0 ? `この端末には「${lost.join("」「")}」の字形がないので、描いていません。別の文字にするか、ほかの端末で保存してください。` : "";
  }

  function count(input) {
    const place = input.closest(".field").querySelector("[data-count]");
    const n = letters(input.value.trim()).length;
    place.querySelector("b").textContent = n;
    place.classList.toggle("late", n > Number(input.dataset.most));
  }

  const hints = {
    say: "市民が言うことば（質問）",
    open: "ページのアドレス（https://… か /topics/waste など）",
    call: "電話番号",
  };
  function arrange() {
    tiles.forEach((tile, i) => {
      tile.hidden = i >= areas().length;
      const act = field(tile, "act").value;
      const value = tile.querySelector("[data-value]");
      value.hidden = !(act in hints);
      if (act in hints) value.querySelector("label").textContent = hints[act];
      tile.querySelector("[data-to]").hidden = act !== "switch";
    });
    form.querySelector("[data-own]").hidden = !isOwn();
    const most = form.elements.emergency.checked ? 10 : 14;
    form.elements.bar.dataset.most = most;
    for (const input of form.querySelectorAll("[data-most]")) count(input);
  }

  let changed = false;
  form.addEventListener("input", async (event) => {
    changed = true;
    arrange();
    if (event.target === files || event.target.name === "source") await readOwn();
    draw();
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });

  // The picture as a file of at most 1 MB: as PNG, else as JPEG of a quality that fits.
  const made = (type, quality) => new Promise((resolve) => canvas.toBlob(resolve, type, quality));
  async function file() {
    let blob = await made("image/png");
    for (const quality of [0.92, 0.8, 0.65, 0.5]) {
      if (blob.size <= MOST) break;
      blob = await made("image/jpeg", quality);
    }
    return new File([blob], blob.type === "image/png" ? "menu.png" : "menu.jpg", { type: blob.type });
  }

  let isReady = false;
  form.addEventListener("submit", async (event) => {
    if (isReady) {
      changed = false;
      return;
    }
    event.preventDefault();
    // A picture of one's own that is stored stays as it is.
    if (!isOwn() || files.files.length > 0) {
      draw();
      const sent = new DataTransfer();
      if (!isOwn() || own) sent.items.add(await file());
      else sent.items.add(files.files[0]);
      files.files = sent.files;
    }
    isReady = true;
    form.requestSubmit();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  arrange();
  if (isOwn()) readOwn().then(draw);
  draw();
}
