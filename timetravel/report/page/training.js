// The panel that trains 1989 in a Web Worker, and shows its error, H1's kernels and 1989's three days as they go by. What
// is drawn waits for the browser's next picture; who wants less motion gets a new one after every epoch only.

function trainingPanel(panel) {
  const data = JSON.parse(document.getElementById("training-data").textContent);
  const { epochs } = data.recipe, { seeds, test } = data, [least, most] = seeds.test[epochs - 1];
  const [start, stop] = panel.querySelectorAll("button");
  const [seed, clock, status, curve, caption, kernels] = ["input", "span", "[role=status]", "svg", "figcaption", "canvas"]
    .map((name) => panel.querySelector(name));
  const calm = matchMedia("(prefers-reduced-motion: reduce)"), inWords = (value) => value.toLocaleString("en");
  let worker = null, began = performance.now(), news = null, errors = { train: [], test: [] };

  // The curve: its axes and the band of the native seeds stand there from the beginning.
  const percent = (mistakes) => (100 * mistakes) / test;
  const top = Math.ceil(Math.max(...seeds.test.map(([, high]) => percent(high))) / 4) * 4;
  const x = (epoch) => 36 + (epoch / epochs) * 300, y = (error) => 212 - (error / top) * 200;
  const points = (values) => values.map((error, i) => [x(i + 1).toFixed(1), y(error).toFixed(1)]);
  function draw(name, attributes, text = "") {
    const made = curve.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }
  for (let error = 0; error <= top; error += 4) {
    draw("line", { x1: 36, x2: 336, y1: y(error), y2: y(error), stroke: "var(--line)" });
    draw("text", { x: 30, y: y(error) + 4, "text-anchor": "end" }, `${error} %`);
  }
  for (let epoch = 0; epoch <= epochs; epoch += 5) draw("text", { x: x(epoch), y: 228, "text-anchor": "middle" }, epoch);
  draw("text", { x: 186, y: 246, "text-anchor": "middle" }, "epoch");
  const [low, high] = [0, 1].map((end) => points(seeds.test.map((range) => percent(range[end]))));
  draw("polygon", { points: [...low, ...high.reverse()].join(" "), fill: "var(--accent)", "fill-opacity": 0.2 });
  const lines = [["train", "var(--ink)", 11], ["test", "var(--accent)", -3]].map(([split, colour, below]) => ({
    split, below, name: draw("text", { fill: colour }),
    path: draw("polyline", { fill: "none", stroke: colour, "stroke-width": 2, "stroke-linejoin": "round" }),
  }));
  caption.textContent = `Misread digits: of the ${inWords(test)} test digits, with the band of ${inWords(seeds.seeds)} nets that the ` +
    `same code trained outside the browser, and of the first ${inWords(test)} training digits.`;

  function show({ seen, weights }) {
    const h1 = weights.subarray(0, 300), strongest = Math.max(1e-9, ...h1.map(Math.abs));
    drawMaps(kernels, h1, 5, 6, -strongest, strongest);
    for (const { split, name, path, below } of lines) {
      const all = points(errors[split]), [across, down] = all[all.length - 1] || [0, 0];
      path.setAttribute("points", all.join(" "));
      name.textContent = all.length ? `${split} ${errors[split][all.length - 1].toFixed(1)} %` : "";
      name.setAttribute("x", Number(across) + 5);
      name.setAttribute("y", Number(down) + below);
    }
    const days = ((seen / (epochs * data.train)) * data.seconds_of_1989) / 86400;
    clock.textContent = `1989 would be at day ${days.toFixed(1)} of 3 · here: ${((performance.now() - began) / 1000).toFixed(1)} s`;
  }
  function frame() {
    if (news) show(news);
    if (calm.matches) news = null;
    if (worker) requestAnimationFrame(frame);
  }
  function switchTo(shown, hidden) {
    const held = document.activeElement === hidden;
    [shown.hidden, hidden.hidden, seed.disabled] = [false, true, shown === stop];
    if (held) shown.focus();
  }
  function end(told) {
    worker = worker.terminate() || null;
    switchTo(start, stop);
    status.textContent = told;
  }
  function hear({ data: told }) {
    if (told.error) return end(`Training failed: ${told.error}.`);
    if (told.mistakes || !calm.matches) news = told;
    if (told.mistakes) lines.forEach(({ split }) => errors[split].push(percent(told.mistakes[split])));
    if (told.epoch !== epochs) return undefined;
    const seconds = (performance.now() - began) / 1000, wrong = told.mistakes.test;
    show(told);
    end(`Trained in ${seconds.toFixed(1)} s, ${inWords(Number((data.seconds_of_1989 / seconds).toPrecision(2)))} times faster ` +
      `than in 1989. It misreads ${wrong} of ${inWords(test)} test digits, ${wrong < least || wrong > most ? "outside" : "within"} ` +
      `the range of ${inWords(seeds.seeds)} nets trained outside the browser: ${least} to ${most}. It now reads along on the pad above.`);
    return addNet({ label: `trained here, seed ${seed.value}`, weights: told.weights });
  }
  function begin(event) {
    event.preventDefault();
    [errors, news, began] = [{ train: [], test: [] }, null, performance.now()];
    try {
      worker = new Worker(URL.createObjectURL(new Blob([document.getElementById("worker-source").textContent])));
    } catch (error) {
      status.textContent = `Training failed: ${error.message}.`;
      return;
    }
    worker.onmessage = hear;
    worker.onerror = (error) => end(`Training failed: ${error.message || "no worker may run here"}.`);
    worker.postMessage({ data, seed: Number(seed.value) });
    switchTo(stop, start);
    status.textContent = `Training on ${inWords(data.train)} digits, ${epochs} times over.`;
    frame();
  }
  // A module with one instruction of SIMD.
  const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  const lacking = [
    typeof WebAssembly === "object" && WebAssembly.validate(Uint8Array.from(simd)) ? "" : "WebAssembly with SIMD",
    typeof DecompressionStream === "function" ? "" : "DecompressionStream",
  ].filter(Boolean).join(" and ");
  panel.hidden = false;
  show({ seen: 0, weights: new Float32Array(300) });
  start.disabled = seed.disabled = lacking !== "";
  if (lacking) status.textContent = `This browser can't train the net: it lacks ${lacking}.`;
  panel.querySelector("form").addEventListener("submit", begin);
  stop.addEventListener("click", () => end("Stopped."));
}

trainingPanel(document.getElementById("training"));
