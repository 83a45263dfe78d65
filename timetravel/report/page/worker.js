"use strict";
// Trains era 1989 with the package's own kernel. Told the page's training data and a seed, it posts how far it has come,
// with all weights, eight times an epoch, and the mistakes after every epoch.

const PARTS = 8;

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// sfc32 of Chris Doty-Humphrey's PractRand: numbers from 0 to below 1, of 24 bits, as float32 holds them.
function generator(seed) {
  let a = 0, b = seed | 0, c = Math.floor(seed / 2 ** 32) | 0, count = 1;
  const next = () => {
    const drawn = (a + b + count++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + drawn) | 0;
    return (drawn >>> 8) / 2 ** 24;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

async function train({ data, seed }) {
  const { recipe, train: count, test, layers } = data, all = count + test;
  const [digits, code] = await Promise.all([unpacked(data.digits), unpacked(data.kernel)]);
  const { instance } = await WebAssembly.instantiate(code);
  const kernel = instance.exports;
  let free = Math.ceil(kernel.__heap_base.value / 64) * 64;
  const array = (length) => {
    const made = new Float32Array(kernel.memory.buffer, free, length);
    free += Math.ceil(length / 16) * 64;
    return made;
  };
  const parameters = layers.reduce((sum, layer) => sum + layer.size, 0);
  const weights = array(parameters), curvature = array(parameters);
  const images = array(all * 256), targets = array(count * 10), outputs = array(test * 10);
  const labels = digits.subarray(all * 256);

  const { border, map_border, amplitude, slope, loss_scale } = recipe;
  const table = kernel.set_options(border, map_border, amplitude, slope, loss_scale);
  new Uint8Array(kernel.memory.buffer, table, data.table.length).set(data.table);
  for (let i = 0; i < images.length; i++) images[i] = digits[i] / 127.5 - 1;
  targets.fill(recipe.target_low);
  for (let i = 0; i < count; i++) targets[i * 10 + labels[i]] = recipe.target_high;
  const next = generator(seed);
  let place = 0;
  for (const { size, bound, constant } of layers)
    for (let i = 0; i < size; i++) weights[place++] = bound ? (2 * next() - 1) * bound : constant;

  // Of as many digits as there are test digits: all of those, or the first that it trains on.
  const mistakes = (first) => {
    kernel.forward(weights.byteOffset, images.byteOffset + first * 1024, test, outputs.byteOffset);
    let wrong = 0;
    for (let i = 0; i < test; i++) {
      const answer = outputs.subarray(i * 10, i * 10 + 10);
      if (answer.indexOf(Math.max(...answer)) !== labels[first + i]) wrong++;
    }
    return wrong;
  };
  postMessage({ seen: 0, weights: weights.slice() });
  for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
    kernel.estimate(weights.byteOffset, images.byteOffset, recipe.curvature_digits, curvature.byteOffset);
    for (let part = 0; part < PARTS; part++) {
      const [from, to] = [part, part + 1].map((end) => Math.round((count * end) / PARTS));
      kernel.train(weights.byteOffset, curvature.byteOffset, images.byteOffset + from * 1024,
        targets.byteOffset + from * 40, to - from, recipe.learning_rate, recipe.mu);
      if (part + 1 < PARTS) postMessage({ seen: (epoch - 1) * count + to, weights: weights.slice() });
    }
    postMessage({ seen: epoch * count, weights: weights.slice(), epoch,
      mistakes: { train: mistakes(0), test: mistakes(count) } });
  }
}

onmessage = ({ data }) =>
  train(data).catch((error) => postMessage({ error: String(error.message || error) }));
