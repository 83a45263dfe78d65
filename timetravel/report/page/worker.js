"use strict";
// Trains era 1989 with the package's own kernel. Told the page's training data and a seed, it posts how far it has come,
// with all weights, eight times an epoch, and the mistakes after every epoch.

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// sfc32 of Chris Doty-Humphrey's PractRand: numbers from 0 to below 1, of 24 bits, as float32 holds them.
function generator(seed) {
  let a = 0, b = seed | 0, c = 0, count = 1;
  const next = () => {
    const drawn = (a + b + count++) | 0;
    [a, b, c] = [b ^ (b >>> 9), (c + (c << 3)) | 0, (((c << 21) | (c >>> 11)) + drawn) | 0];
    return (drawn >>> 8) / 2 ** 24;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

async function train({ data, seed }) {
  const { recipe, train: count, test, layers } = data, all = count + test, parts = 8;
  const [digits, code] = await Promise.all([unpacked(data.digits), unpacked(data.kernel)]);
  const kernel = (await WebAssembly.instantiate(code)).instance.exports, memory = kernel.memory.buffer;
  let free = Math.ceil(kernel.__heap_base.value / 64) * 64;
  const array = (length) => {
    const made = new Float32Array(memory, free, length);
    free += Math.ceil(length / 16) * 64;
    return made;
  };
  const parameters = layers.reduce((sum, layer) => sum + layer.size, 0), labels = digits.subarray(all * 256);
  const weights = array(parameters), curvature = array(parameters);
  const images = array(all * 256), targets = array(count * 10), outputs = array(test * 10);
  const [w, c, x, t, o] = [weights, curvature, images, targets, outputs].map((each) => each.byteOffset);

  const table = kernel.set_options(recipe.border, recipe.map_border, recipe.amplitude, recipe.slope, recipe.loss_scale);
  new Uint8Array(memory, table, data.table.length).set(data.table);
  for (let i = 0; i < images.length; i++) images[i] = digits[i] / 127.5 - 1;
  targets.fill(recipe.target_low);
  for (let i = 0; i < count; i++) targets[i * 10 + labels[i]] = recipe.target_high;
  const next = generator(seed);
  const start = ({ size, bound, constant }) => Array.from({ length: size }, () => (2 * next() - 1) * bound + constant);
  weights.set(layers.flatMap(start));

  // Of as many digits as there are test digits: all of those, or the first that it trains on.
  const mistakes = (first) => {
    kernel.forward(w, x + first * 1024, test, o);
    const read = Array.from({ length: test }, (_, i) => outputs.subarray(i * 10, i * 10 + 10));
    return read.filter((answer, i) => answer.indexOf(Math.max(...answer)) !== labels[first + i]).length;
  };
  postMessage({ seen: 0, weights: weights.slice() });
  for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
    kernel.estimate(w, x, recipe.curvature_digits, c);
    for (let part = 1; part <= parts; part++) {
      const [from, to] = [part - 1, part].map((end) => Math.round((count * end) / parts));
      kernel.train(w, c, x + from * 1024, t + from * 40, to - from, recipe.learning_rate, recipe.mu);
      const told = { seen: (epoch - 1) * count + to, weights: weights.slice() };
      postMessage(to < count ? told : { ...told, epoch, mistakes: { train: mistakes(0), test: mistakes(count) } });
    }
  }
}

onmessage = ({ data }) => train(data).catch((error) => postMessage({ error: String(error.message || error) }));
