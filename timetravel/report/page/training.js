// The panel that trains 1989 in a Web Worker, and shows its error, its kernels and 1989's three days as they go by.
// Worker and page share no memory; what is drawn waits for the browser's next picture, so the page never blocks.

function trainingPanel(panel) {
  const data = JSON.parse(document.getElementById("training-data").textContent);
  const { epochs } = data.recipe, total = epochs * data.train;
  const find = (name) => panel.querySelector(`[data-training="${name}"]`);
  const [start, stop, clock, status, curve, kernels] = ["start", "stop", "clock", "status", "curve", "kernels"].map(find);
  const seed = panel.querySelector("input"), number = (value) => value.toLocaleString("en");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const [least, most] = data.seeds.test[epochs - 1];
  let worker = null, began = 0, news = null, errors = { train: [], test: [] };

  // The curve. Its axes and the band of the native seeds stand there from the beginning.
  const percent = (mistakes, of) => (100 * mistakes) / of;
  const top = Math.ceil(Math.max(...data.seeds.test.map(([, high]) => percent(high, data.test))) / 4) * 4;
  const x = (epoch) => 36 + (epoch / epochs) * 304, y = (error) => 212 - (error / top) * 200;
  const points = (pairs) => pairs.map(([epoch, error]) => `${x(epoch).toFixed(1)},${y(error).toFixed(1)}`).join(" ");
  function draw(name, attributes, text = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return curve.appendChild(made);
  }
  const label = (at, error, text, more = {}) => draw("text", { x: at, y: error, fill: "var(--soft)", ...more }, text);
  for (let error = 0; error <= top; error += 4) {
    draw("line", { x1: 36, x2: 340, y1: y(error), y2: y(error), stroke: "var(--line)" });
    label(30, y(error) + 4, error ? `${error} %` : "0", { "text-anchor": "end" });
  }
  for (let epoch = 0; epoch <= epochs; epoch += 5) label(x(epoch), 228, epoch, { "text-anchor": "middle" });
  label(188, 246, "epoch", { "text-anchor": "middle" });
  const edge = (end) => data.seeds.test.map((range, i) => [i + 1, percent(range[end], data.test)]);
  const band = [...edge(1), ...edge(0).reverse()];
  draw("polygon", { points: points(band), fill: "var(--accent)", "fill-opacity": 0.2 });
  const lines = {}, names = {};
  for (const [split, colour] of [["train", "var(--ink)"], ["test", "var(--accent)"]]) {
    lines[split] = draw("polyline", { fill: "none", stroke: colour, "stroke-width": 2, "stroke-linejoin": "round" });
    names[split] = label(0, 0, "", { fill: colour });
  }
  find("band").textContent = `Band: ${data.seeds.seeds} nets trained by the same code outside the browser, on test digits. ` +
    `Training error is that of the first ${number(data.test)} training digits.`;

  function show({ seen, weights }) {
    const canvas = kernels.getContext("2d"), picture = canvas.createImageData(35, 11);
    const strongest = weights.subarray(0, 300).reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-9);
    for (let i = 0; i < 300; i++) {
      const map = Math.floor(i / 25), row = Math.floor((i % 25) / 5) + 6 * Math.floor(map / 6);
      const grey = 127.5 + (127.5 * weights[i]) / strongest;
      picture.data.set([grey, grey, grey, 255], 4 * (row * 35 + (map % 6) * 6 + (i % 5)));
    }
    canvas.putImageData(picture, 0, 0);
    for (const split of ["train", "test"]) {
      lines[split].setAttribute("points", points(errors[split].map((error, i) => [i + 1, error])));
      const last = errors[split][errors[split].length - 1];
      if (last === undefined) continue;
      names[split].textContent = `${split} ${last.toFixed(1)} %`;
      names[split].setAttribute("x", x(errors[split].length) - (errors[split].length > 17 ? -4 : -6));
      names[split].setAttribute("y", y(last) + 4);
    }
    const days = ((seen / total) * data.seconds_of_1989) / 86400;
    clock.textContent = `1989: ${days.toFixed(2)} of three days · here: ${((performance.now() - began) / 1000).toFixed(1)} s`;
  }
  function frame() {
    if (news) show(news);
    if (calm.matches) news = null;
    if (worker) requestAnimationFrame(frame);
  }
  function running(yes) {
    const held = panel.contains(document.activeElement);
    start.hidden = yes;
    stop.hidden = !yes;
    seed.disabled = yes;
    if (held) (yes ? stop : start).focus();
  }
  function end(told) {
    worker?.terminate();
    worker = null;
    running(false);
    status.textContent = told;
  }
  function finished({ weights, mistakes }) {
    const seconds = (performance.now() - began) / 1000, within = mistakes.test >= least && mistakes.test <= most;
    show(news);
    end(`Trained in ${seconds.toFixed(1)} s, ${number(Math.round(data.seconds_of_1989 / seconds))} times faster than in ` +
      `1989. It misreads ${mistakes.test} of ${number(data.test)} test digits of MNIST: ${within ? "within" : "outside"} ` +
      `the range of ${data.seeds.seeds} nets trained outside the browser, ${least} to ${most}.`);
    if (typeof addNet === "function") addNet({ label: `trained here, seed ${seed.value}`, weights });
  }
  function begin(event) {
    event.preventDefault();
    if (worker) return;
    [errors, news, began] = [{ train: [], test: [] }, null, performance.now()];
    names.train.textContent = names.test.textContent = "";
    const source = new Blob([document.getElementById("worker-source").textContent], { type: "text/javascript" });
    const address = URL.createObjectURL(source);
    worker = new Worker(address);
    URL.revokeObjectURL(address);
    worker.onerror = (error) => end(`Training failed: ${error.message || "the browser allows no worker here"}.`);
    worker.onmessage = ({ data: told }) => {
      if (told.error) return end(`Training failed: ${told.error}.`);
      if (told.mistakes) for (const split of ["train", "test"]) errors[split].push(percent(told.mistakes[split], data.test));
      if (told.mistakes || !calm.matches) news = told;
      return told.epoch === epochs && finished(told);
    };
    worker.postMessage({ data, seed: Number(seed.value) });
    running(true);
    status.textContent = `Training on ${number(data.train)} digits of MNIST, ${epochs} times over.`;
    frame();
  }
  const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  const lacking = [
    ["Web Workers", typeof Worker === "function"],
    ["WebAssembly with SIMD", typeof WebAssembly === "object" && WebAssembly.validate(Uint8Array.from(simd))],
    ["DecompressionStream", typeof DecompressionStream === "function"],
  ].filter(([, there]) => !there).map(([name]) => name);
  panel.hidden = false;
  if (lacking.length) {
    start.disabled = seed.disabled = true;
    status.textContent = `This browser can't train the net: it lacks ${lacking.join(" and ")}.`;
  }
  panel.querySelector("form").addEventListener("submit", begin);
  stop.addEventListener("click", () => end("Stopped."));
}

if (document.getElementById("training")) trainingPanel(document.getElementById("training"));
