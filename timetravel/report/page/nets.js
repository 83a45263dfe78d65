// Reading a digit: each net's own way to 16x16, its forward step, and what its answer means.
const NET_SIDE = 16;
const ACTIVATIONS = {
  tanh: (x, net) => net.amplitude * Math.tanh(net.slope * x),
  relu: (x) => Math.max(x, 0),
  gelu: (x) => (x * (Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)) + 1)) / 2,
  silu: (x) => x / (1 + Math.exp(-x)),
};

const unpacked = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// Weights come as the upper three bytes of floats; the lowest is 0.
function weightsOf(text) {
  const bytes = unpacked(text), whole = new Uint8Array((bytes.length / 3) * 4);
  bytes.forEach((byte, place) => { whole[Math.floor(place / 3) * 4 + (place % 3) + 1] = byte; });
  return new Float32Array(whole.buffer);
}

// What a net is given for a picture, 28x28 from 0 to 1: 16x16 in [-1, 1]. See timetravel/digits/prepare.py.
function framed(picture, net) {
  const side = SIDE, middle = (side - 1) / 2, made = new Float64Array(NET_SIDE * NET_SIDE);
  const level = (y, x) => (x < 0 || x >= side ? -1 : 2 * picture[y * side + x] - 1);
  const slope = net.deslant ? net.deslant * slant(picture) : 0;
  for (let row = 0; row < NET_SIDE; row++) {
    const down = ((row + 0.5) / NET_SIDE - 0.5) * side * net.window, y = clip(middle + down, 0, side - 1);
    const top = Math.floor(y), bottom = Math.min(top + 1, side - 1);
    for (let column = 0; column < NET_SIDE; column++) {
      const x = middle + ((column + 0.5) / NET_SIDE - 0.5) * side * net.window + slope * down, left = Math.floor(x);
      const at = (place) => level(top, place) * (1 - (y - top)) + level(bottom, place) * (y - top);
      made[row * NET_SIDE + column] = clip(at(left) * (1 - (x - left)) + at(left + 1) * (x - left), -1, 1);
    }
  }
  return made;
}

// How far the ink moves sideways a row.
function slant(picture) {
  const total = (of) => picture.reduce((so, ink, place) => so + ink * of(Math.floor(place / SIDE), place % SIDE), 0);
  const mass = total(() => 1), rows = total((y) => y), columns = total((_, x) => x);
  const spread = total((y) => y * y) - rows ** 2 / mass;
  return spread > 1e-6 ? (total((y, x) => y * x) - (rows * columns) / mass) / spread : 0;
}

// The units of every layer for an image, 16x16 in [-1, 1]. Weights lie in the order in which a run keeps them.
function layers(net, image) {
  let read = 0;
  const byMap = net.biases === "map", weights = (count) => net.weights.subarray(read, (read += count));
  const active = (x) => ACTIVATIONS[net.activation](x, net);
  const first = Array.from({ length: 12 }, () => [0]);
  const h1 = convolved([image], 16, first, weights(300), weights(12 * (byMap ? 1 : 64)), net.border).map(active);
  const maps = Array.from({ length: 12 }, (_, map) => h1.subarray(64 * map, 64 * map + 64));
  const h2 = convolved(maps, 8, net.table, weights(2400), weights(12 * (byMap ? 1 : 16)), net.map_border).map(active);
  const h3 = connected(h2, weights(30 * 192), weights(30)).map(active);
  const output = connected(h3, weights(300), weights(10));
  return { h1, h2, h3, output: net.output === "tanh" ? output.map((x) => ACTIVATIONS.tanh(x, net)) : output };
}

// Maps, side x side, seen through every second place of kernels of 5x5, two pixels of border around them.
function convolved(maps, side, table, weights, biases, border) {
  const half = side / 2, made = new Float64Array(table.length * half * half), own = biases.length > table.length;
  made.forEach((_, unit) => {
    const map = Math.floor(unit / (half * half)), row = Math.floor(unit / half) % half, column = unit % half;
    let total = biases[own ? unit : map], at = map * table[map].length * 25;
    for (const source of table[map]) {
      for (let y = 2 * row - 2; y < 2 * row + 3; y++) {
        for (let x = 2 * column - 2; x < 2 * column + 3; x++) {
          const inside = y >= 0 && y < side && x >= 0 && x < side;
          total += weights[at++] * (inside ? maps[source][y * side + x] : border);
        }
      }
    }
    made[unit] = total;
  });
  return made;
}

function connected(values, weights, biases) {
  return Float64Array.from(biases, (bias, unit) =>
    values.reduce((total, value, place) => total + value * weights[unit * values.length + place], bias));
}

// A net's answer for a picture, 28x28 from 0 to 1: the digit, a bar from 0 to 1 for each, whether it is unsure, and
// what every layer holds. A bar is the softmax of the outputs, or how active a unit is between its two targets.
function answer(net, picture) {
  const image = framed(picture, net), found = layers(net, image), { output } = found;
  const most = Math.max(...output), odds = output.map((value) => Math.exp(value - most));
  const bars = output.map((value, digit) => net.loss === "cross-entropy"
    ? odds[digit] / sum(odds) : clip((value - net.target_low) / (net.target_high - net.target_low), 0, 1));
  const second = [...output].sort((a, b) => b - a)[1], [t1, t2, apart] = net.reject;
  const unsure = most < t1 || second > t2 || most - second < apart;
  return { ...found, image, digit: output.indexOf(most), bars: [...bars], unsure };
}

// Maps, side x side, in rows of so many, as greys from `low`, black, to `high`, white.
function drawMaps(canvas, values, side, across, low, high) {
  const size = side ** 2, count = values.length / size, step = side + 1, context = canvas.getContext("2d");
  canvas.width = across * step - 1;
  canvas.height = Math.ceil(count / across) * step - 1;
  for (let map = 0; map < count; map++) {
    const pixels = context.createImageData(side, side);
    values.subarray(map * size, (map + 1) * size).forEach((value, place) => {
      const level = (255 * (value - low)) / (high - low || 1);
      pixels.data.set([level, level, level, 255], 4 * place);
    });
    context.putImageData(pixels, (map % across) * step, Math.floor(map / across) * step);
  }
}
