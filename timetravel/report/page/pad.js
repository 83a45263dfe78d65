// The pad: what is drawn, dropped or picked is read by every net at once.
const PAD = 280, GRID = 16, PAPER = "#fff", PEN = "#111", SLOWEST = 80; // pixels, cells, milliseconds between answers
const MOST = 1e8, LONGEST = 24, FIRST = 10; // pixels of a picture, digits told, the test digit that the pad begins with
const addNet = startPad(JSON.parse(document.getElementById("pad-data").textContent));

function made(kind, name, parent, text = "") {
  const element = document.createElement(kind);
  element.className = name;
  element.textContent = text;
  parent.append(element);
  return element;
}

function netCard(net, list) {
  const card = made("li", "net", list), head = made("h3", "", card, net.label), line = made("p", "answer", card);
  const digit = made("b", "", line), sure = made("span", "", line), bars = made("div", "bars", card), levels = [];
  bars.setAttribute("role", "img");
  for (let place = 0; place < 10; place++) {
    const column = made("span", "", bars);
    levels.push(made("i", "", column));
    made("span", "", column, place);
  }
  const seen = made("figure", "", card), image = made("canvas", "", seen);
  made("figcaption", "", seen, "as the net sees it");
  const inner = made("details", "", card);
  made("summary", "", inner, "Its first two layers");
  const maps = ["h1", "h2"].map((layer) => [layer, made("canvas", "", inner)]);
  for (const [words, canvas] of [["16 by 16 pixels", image], ["12 maps of H1", maps[0][1]], ["12 maps of H2", maps[1][1]]]) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${head.textContent}: ${words}`);
  }
  return (answers, main) => {
    card.classList.toggle("empty", !answers.length);
    digit.textContent = short(answers.map((one) => one.digit).join("")) || "–";
    const doubts = answers.filter((one) => one.unsure).map((one) => one.digit);
    sure.textContent = !doubts.length ? "" : answers.length > 1 ? `unsure of ${short(doubts.join(""))}` : "unsure";
    const shown = answers[main]?.bars || Array(10).fill(0), percent = shown.map((share) => Math.round(100 * share));
    levels.forEach((level, place) => {
      level.style.height = `${percent[place]}%`;
      level.parentElement.classList.toggle("most", place === answers[main]?.digit);
    });
    bars.setAttribute("aria-label", percent.map((share, place) => `${place}: ${share} %`).join(", "));
    drawMaps(image, answers[main]?.image || new Float64Array(256).fill(-1), 16, 1, -1, 1);
    for (const [layer, canvas] of maps) {
      const units = answers[main]?.[layer] || new Float64Array(12);
      drawMaps(canvas, units, Math.sqrt(units.length / 12), 6, Math.min(...units), Math.max(...units));
    }
  };
}

const short = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
const listed = (names) => names.join(", ").replace(/, ([^,]*)$/, " and $1");

// "All 5 nets read 7." or "4 of 5 nets read 7; 1989 reads 1."
function agreement(readings) {
  const readers = new Map();
  for (const { label, text } of readings) readers.set(text, [...(readers.get(text) || []), label]);
  const [[most, first], ...others] = [...readers].sort((a, b) => b[1].length - a[1].length), all = readings.length;
  const rest = others.map(([text, labels]) => `${listed(labels)} read${labels.length > 1 ? "" : "s"} ${text}`);
  return others.length ? `${first.length} of ${all} nets read ${most}; ${rest.join(", ")}.` : `All ${all} nets read ${most}.`;
}

// Returns what lets one more net, of 1989's recipe, read along.
function startPad(data) {
  const part = (name) => document.querySelector(`#pad-${name}`), canvas = part("canvas"), cursor = part("cursor");
  const context = canvas.getContext("2d", { willReadFrequently: true }), cell = PAD / GRID, place = { x: 8, y: 8 };
  const decoded = (net) => ({ ...net, weights: weightsOf(net.weights) });
  const nets = data.nets.map(decoded), cards = nets.map((net) => netCard(net, part("nets")));
  let actions = [], active = null, current = null, waiting = 0;

  function paint() {
    context.fillStyle = PAPER;
    context.fillRect(0, 0, PAD, PAD);
    Object.assign(context, { lineCap: "round", lineJoin: "round", strokeStyle: PEN });
    for (const { picture, points, width } of actions) {
      if (picture) {
        const scale = PAD / Math.max(picture.width, picture.height), [w, h] = [picture.width * scale, picture.height * scale];
        context.imageSmoothingEnabled = scale < 1;
        context.drawImage(picture, (PAD - w) / 2, (PAD - h) / 2, w, h);
      } else {
        context.lineWidth = width;
        context.beginPath();
        points.forEach(([x, y]) => context.lineTo(x, y));
        if (points.length === 1) context.lineTo(points[0][0] + 0.01, points[0][1]);
        context.stroke();
      }
    }
    waiting ||= setTimeout(read, SLOWEST);
  }

  // A picture is read as it came, and a drawing as it is painted.
  function greys() {
    const from = actions[0]?.picture || canvas;
    const { data: colours, width, height } = from.getContext("2d").getImageData(0, 0, from.width, from.height);
    const level = (_, at) => (19595 * colours[4 * at] + 38470 * colours[4 * at + 1] + 7471 * colours[4 * at + 2] + 32768) >> 16;
    return [Uint8Array.from({ length: width * height }, level), height, width];
  }

  function read() {
    waiting = 0;
    const found = actions.length ? glyphs(...greys()) : [], most = Math.max(...found.map((one) => one.ink));
    const main = found.findIndex((one) => one.ink === most);
    const answers = nets.map((net) => found.map((one) => answer(net, one.picture)));
    cards.forEach((show, number) => show(answers[number], main));
    const readings = nets.map(({ label }, number) => ({ label, text: short(answers[number].map((one) => one.digit).join("")) }));
    const unsure = nets.filter((_, number) => answers[number].some((one) => one.unsure)).map((net) => net.label);
    const told = found.length > 1 ? `${found.length} digits, from left to right. ` : "";
    say(found.length ? told + agreement(readings) + (unsure.length ? ` Unsure: ${listed(unsure)}.` : "") : "Nothing drawn.");
  }

  function say(text) {
    if (part("answer").textContent !== text) part("answer").textContent = text;
  }

  function change(next) {
    actions = next;
    paint();
  }

  const stroke = (...points) => ({ points, width: Number(part("width").value) });
  const undo = () => change(actions.slice(0, -1));
  const drawn = () => actions.filter((action) => !action.picture);
  const at = (event) => [(event.offsetX * PAD) / canvas.clientWidth, (event.offsetY * PAD) / canvas.clientHeight];
  canvas.addEventListener("pointerdown", (event) => {
    if (active !== null || event.button) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    cursor.hidden = true;
    canvas.setPointerCapture((active = event.pointerId));
    change([...drawn(), (current = stroke(at(event)))]);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== active || !actions.includes(current)) return;
    const all = event.getCoalescedEvents?.() || [];
    current.points.push(...(all.length ? all : [event]).map(at));
    paint();
  });
  const lift = (event) => {
    if (event.pointerId !== active) return;
    active = null;
    if (event.type === "pointercancel") change(actions.filter((action) => action !== current));
  };
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, lift);

  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const middle = () => [(place.x + 0.5) * cell, (place.y + 0.5) * cell];
  canvas.addEventListener("keydown", (event) => {
    const before = middle(), [x, y] = moves[event.key] || [0, 0];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves[event.key]) {
      Object.assign(place, { x: clip(place.x + x, 0, GRID - 1), y: clip(place.y + y, 0, GRID - 1) });
      if (event.shiftKey) change([...drawn(), stroke(before, middle())]);
    } else if (event.key === " ") change([...drawn(), stroke(middle())]);
    else if (event.key === "Backspace") undo();
    else if (event.key === "Delete") change([]);
    else return;
    event.preventDefault();
    cursor.hidden = false;
    cursor.style.translate = `${place.x * 100}% ${place.y * 100}%`;
  });
  canvas.addEventListener("blur", () => (cursor.hidden = true));
  part("undo").addEventListener("click", undo);
  part("clear").addEventListener("click", () => change([]));

  // Its size is known before it is decoded.
  function load(file) {
    const image = new Image(), name = file?.name || "That", address = file ? URL.createObjectURL(file) : "";
    const refuse = () => say(`${name} is no picture that can be read here: a PNG, JPEG, WebP or GIF of up to 100 megapixels.`);
    image.addEventListener("error", refuse);
    image.addEventListener("load", () => {
      const { naturalWidth: w, naturalHeight: h } = image, scale = Math.min(1, (4 * WORKING) / Math.sqrt(w * h));
      if (!(w * h > 0 && w * h <= MOST)) return refuse();
      const picture = document.createElement("canvas");
      Object.assign(picture, { width: Math.ceil(w * scale), height: Math.ceil(h * scale) });
      const on = picture.getContext("2d");
      Object.assign(on, { fillStyle: PAPER, imageSmoothingQuality: "high" });
      on.fillRect(0, 0, picture.width, picture.height);
      on.drawImage(image, 0, 0, picture.width, picture.height);
      URL.revokeObjectURL(address);
      return change([{ picture }]);
    });
    if (file) image.src = address;
    else refuse();
  }

  part("file").addEventListener("change", ({ target }) => {
    load(target.files[0]);
    target.value = "";
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    load(event.dataTransfer.files[0]);
  });
  addEventListener("paste", (event) => event.clipboardData.files.length && load(event.clipboardData.files[0]));

  const picks = data.digits.map(({ label, pixels }) => {
    const button = made("button", "", part("digits")), picture = made("canvas", "", button);
    drawMaps(picture, unpacked(pixels), 28, 1, 0, 255);
    button.type = "button";
    button.setAttribute("aria-label", `a test digit, ${label}`);
    button.addEventListener("click", () => change([{ picture }]));
    return picture;
  });
  change([{ picture: picks[FIRST] }]);
  return ({ label, weights }) => {
    const known = nets.findIndex((net) => net.label === label), net = { ...nets[0], label, weights };
    if (known >= 0) nets[known] = net;
    else cards.push(netCard(nets[nets.push(net) - 1], part("nets")));
    read();
  };
}
