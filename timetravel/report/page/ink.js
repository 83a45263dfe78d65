// The ink of a picture, found and brought to MNIST's form: timetravel/digits/ink.py once more, step by step and with
// its names. A matrix is {v, h, w}: values row by row, height, width. A test holds the two to 1e-6.
const WORKING = 240, SIDE = 28, BOX = 20, MIDDLE = 14.5, FAINT = 0.06, FLOOR = 0.12, EDGE = 0.4, AROUND = 4;
const NEAR = 0.2, SPECK = 0.02, MOST_PARTS = 200, SPOT = 0.1, THIN = 1.8;

const matrix = (h, w, v = new Float64Array(h * w)) => ({ v, h, w });
const sum = (values) => values.reduce((total, value) => total + value, 0);

// grey: bytes, row by row. Returns [{picture: 28 x 28 from 0 to 1, box, ink}], from left to right.
function glyphs(grey, h, w) {
  const ink = inkOf(reduced(matrix(h, w, Float64Array.from(grey, (level) => level / 255))));
  if (!ink) return [];
  const found = groups(ink).sort((a, b) => a.left - b.left).map((part) => glyph(ink, part));
  const most = Math.max(...found.map((one) => one.ink));
  return found.filter((one) => one.ink >= SPOT * most);
}

function reduced(grey) {
  const step = Math.sqrt(grey.h * grey.w) / WORKING;
  if (step <= 1) return grey;
  const [h, w] = [grey.h, grey.w].map((side) => Math.max(1, Math.floor(side / step + 0.5)));
  const ends = (count, side) => Array.from({ length: count + 1 }, (_, place) => place * (side / count));
  return resampled(grey, ends(h, grey.h), ends(w, grey.w), (h * w) / (grey.h * grey.w));
}

// The sums of what lies between ends that follow each other, down and across, times a scale.
function resampled(of, rows, columns, scale) {
  const across = matrix(of.h, columns.length - 1), made = matrix(rows.length - 1, across.w);
  covered(columns, of.w, (to, from, share) => {
    for (let y = 0; y < of.h; y++) across.v[y * across.w + to] += share * of.v[y * of.w + from];
  });
  covered(rows, of.h, (to, from, share) => {
    for (let x = 0; x < made.w; x++) made.v[to * made.w + x] += share * scale * across.v[from * made.w + x];
  });
  return made;
}

function covered(ends, side, add) {
  for (let to = 0; to + 1 < ends.length; to++) {
    for (let from = Math.max(0, Math.floor(ends[to])); from < Math.min(side, ends[to + 1]); from++) {
      add(to, from, Math.min(ends[to + 1], from + 1) - Math.max(ends[to], from));
    }
  }
}

function inkOf(grey) {
  const reach = Math.max(2, Math.floor(Math.max(grey.h, grey.w) / AROUND));
  const less = (paper) => around(grey, paper, reach).map((mean, place) => grey.v[place] - mean);
  let apart = less(new Float64Array(grey.v.length).fill(1));
  const sign = apart.reduce((total, value) => total + value ** 3, 0) > 0 ? 1 : -1;
  for (let time = 0; time < 2; time++) {
    const level = otsu(apart.map((value) => Math.max(sign * value, 0)));
    apart = less(apart.map((value) => Number(sign * value <= level)));
  }
  const contrast = apart.map((value) => Math.max(sign * value, 0)), level = otsu(contrast);
  const strokes = contrast.filter((value) => value > level).sort(), middle = strokes.length >> 1;
  const full = strokes.length % 2 ? strokes[middle] : (strokes[middle - 1] + strokes[middle]) / 2;
  if (!(full >= FAINT)) return null;
  return matrix(grey.h, grey.w, contrast.map((value) => clip((value / full - FLOOR) / (1 - FLOOR), 0, 1)));
}

const clip = (value, low, high) => Math.min(Math.max(value, low), high);

function around({ v, h, w }, weights, reach) {
  const weighted = v.map((value, place) => value * weights[place]);
  const total = boxSums(weighted, h, w, reach), mass = boxSums(weights, h, w, reach);
  const overall = sum(weighted) / Math.max(sum(weights), 1);
  return total.map((value, place) => (mass[place] > 0.5 ? value / Math.max(mass[place], 1) : overall));
}

function boxSums(values, h, w, reach) {
  const sums = new Float64Array((h + 1) * (w + 1)), made = new Float64Array(h * w), wide = w + 1;
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) sums[(y + 1) * wide + x + 1] = sums[y * wide + x + 1] + values[y * w + x];
  for (let y = 1; y <= h; y++) for (let x = 1; x <= w; x++) sums[y * wide + x] += sums[y * wide + x - 1];
  for (let y = 0; y < h; y++) {
    const top = Math.max(y - reach, 0) * wide, bottom = Math.min(y + reach + 1, h) * wide;
    for (let x = 0; x < w; x++) {
      const left = Math.max(x - reach, 0), right = Math.min(x + reach + 1, w);
      made[y * w + x] = sums[bottom + right] - sums[top + right] - (sums[bottom + left] - sums[top + left]);
    }
  }
  return made;
}

function otsu(values) {
  const counts = new Float64Array(256);
  for (const value of values) counts[Math.min(Math.floor(value * 256), 255)]++;
  const all = values.length, moment = counts.reduce((total, count, level) => total + count * level, 0);
  let below = 0, moments = 0, best = 0, found = 0;
  for (let level = 0; level < 256; level++) {
    below += counts[level];
    moments += counts[level] * level;
    const apart = below && all - below ? (moment * below - moments * all) ** 2 / (below * (all - below)) : 0;
    if (apart > best) [best, found] = [apart, level];
  }
  return (found + 1) / 256;
}

// The parts of ink that touch, each with its box and its ink: {top, left, bottom, right, mass, label}, and the labels.
function parts({ v, h, w }) {
  const labels = new Int32Array(h * w), found = [];
  for (let start = 0; start < v.length; start++) {
    if (v[start] <= EDGE || labels[start]) continue;
    const part = { top: h, left: w, bottom: 0, right: 0, mass: 0, label: found.length + 1 }, waiting = [start];
    labels[start] = part.label;
    while (waiting.length) {
      const place = waiting.pop(), y = Math.floor(place / w), x = place % w;
      part.mass += v[place];
      Object.assign(part, joined(part, { top: y, left: x, bottom: y + 1, right: x + 1 }));
      for (let ny = Math.max(y - 1, 0); ny < Math.min(y + 2, h); ny++) {
        for (let next = ny * w + Math.max(x - 1, 0); next < ny * w + Math.min(x + 2, w); next++) {
          if (v[next] > EDGE && !labels[next]) {
            labels[next] = part.label;
            waiting.push(next);
          }
        }
      }
    }
    found.push(part);
  }
  return [found, labels];
}

const joined = (a, b) => ({
  top: Math.min(a.top, b.top), left: Math.min(a.left, b.left),
  bottom: Math.max(a.bottom, b.bottom), right: Math.max(a.right, b.right),
});

function groups(ink) {
  const [found, labels] = parts(ink), made = [];
  found.sort((a, b) => b.mass - a.mass);
  let left = found.slice(0, MOST_PARTS).filter((part) => part.mass >= SPECK * found[0].mass);
  while (left.length) {
    const members = new Set([left[0].label]);
    let box = left.shift();
    const reach = NEAR * Math.max(box.bottom - box.top, box.right - box.left);
    for (let near; (near = left.filter((part) => gap(box, part) <= reach)).length; ) {
      for (const part of near) members.add(part.label);
      box = near.reduce(joined, box);
      left = left.filter((part) => !near.includes(part));
    }
    const top = Math.max(box.top - 2, 0), side = Math.max(box.left - 2, 0);
    const whole = { top, left: side, bottom: Math.min(box.bottom + 2, ink.h), right: Math.min(box.right + 2, ink.w) };
    made.push({ ...whole, own: (y, x) => members.has(labels[y * ink.w + x]) });
  }
  return made;
}

const gap = (a, b) => Math.max(
  Math.max(a.top - b.bottom, b.top - a.bottom, 0), Math.max(a.left - b.right, b.left - a.right, 0),
);

function glyph(ink, { top, left, bottom, right, own }) {
  const h = bottom - top, w = right - left, marked = matrix(h, w);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) marked.v[y * w + x] = Number(own(top + y, left + x));
  const near = grown(marked, 2), cut = matrix(h, w);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) cut.v[y * w + x] = ink.v[(top + y) * ink.w + left + x] * near.v[y * w + x];
  }
  let box = { top: h, left: w, bottom: 0, right: 0 };
  cut.v.forEach((value, place) => {
    const y = Math.floor(place / w), x = place % w;
    if (value > EDGE) box = joined(box, { top: y, left: x, bottom: y + 1, right: x + 1 });
  });
  const step = Math.max(box.bottom - box.top, box.right - box.left) / BOX, strokes = thick(cut, THIN * step);
  let mass = 0, down = 0, across = 0;
  strokes.v.forEach((value, place) => {
    mass += value;
    down += value * (Math.floor(place / strokes.w) + 0.5);
    across += value * ((place % strokes.w) + 0.5);
  });
  const ends = (centre) => Array.from({ length: SIDE + 1 }, (_, place) => (place - MIDDLE) * step + centre);
  const { v } = resampled(strokes, ends(down / mass), ends(across / mass), 1 / step ** 2);
  const darkest = Math.max(...v, 1e-9);
  return { picture: v.map((value) => Math.min(value / darkest, 1)), box: { top, left, bottom, right }, ink: sum(cut.v) };
}

function thick(ink, wanted) {
  let outline = 0;
  const solid = (y, x) => ink.v[y * ink.w + x] > EDGE;
  for (let y = 0; y < ink.h; y++) {
    for (let x = 0; x < ink.w; x++) {
      outline += y + 1 < ink.h && solid(y, x) !== solid(y + 1, x);
      outline += x + 1 < ink.w && solid(y, x) !== solid(y, x + 1);
    }
  }
  const more = Math.trunc((wanted - (2 * sum(ink.v)) / Math.max(outline * 0.8, 1)) / 2 + 0.5);
  if (more <= 0) return ink;
  const padded = matrix(ink.h + 2 * more, ink.w + 2 * more);
  for (let y = 0; y < ink.h; y++) padded.v.set(ink.v.subarray(y * ink.w, (y + 1) * ink.w), (y + more) * padded.w + more);
  return grown(padded, more);
}

// The largest value of the square `reach` pixels around each.
function grown({ v, h, w }, reach) {
  const rows = matrix(h, w), made = matrix(h, w);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let at = Math.max(x - reach, 0); at <= Math.min(x + reach, w - 1); at++) {
        rows.v[y * w + x] = Math.max(rows.v[y * w + x], v[y * w + at]);
      }
    }
  }
  for (let y = 0; y < h; y++) {
    for (let at = Math.max(y - reach, 0); at <= Math.min(y + reach, h - 1); at++) {
      for (let x = 0; x < w; x++) made.v[y * w + x] = Math.max(made.v[y * w + x], rows.v[at * w + x]);
    }
  }
  return made;
}
