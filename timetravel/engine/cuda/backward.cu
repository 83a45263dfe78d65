// One digit backward. What is `curved` are second derivatives: the same, with every weight, value and slope squared.
struct Trainer : Forward {
    FUNCTION Trainer(int tid, float* memory) : Forward(tid, memory) {}

    // The errors of the ten outputs; every thread that asks computes them all. Returns the loss.
    template <bool curved>
    FUNCTION float output_errors(float (&e)[10]) {
        float out[10], target[10], likely[10], top = m[at_out], total = 0, weight = 0, loss = 0;
        UNROLL for (int o = 0; o < 10; o++) {
            out[o] = m[at_out + o];
            target[o] = curved ? 0 : m[at_target + o];
            top = out[o] > top ? out[o] : top;
        }
        if (CROSS_ENTROPY) {
            UNROLL for (int o = 0; o < 10; o++) {
                likely[o] = expf(out[o] - top);
                total += likely[o];
                weight += target[o];
            }
            const float log_total = logf(total);
            UNROLL for (int o = 0; o < 10; o++) {
                float others = 0;  // not 1 - its share: that loses its digits where the net is sure
                UNROLL for (int p = 0; p < 10; p++) others += p == o ? 0 : likely[p];
                loss += target[o] * (log_total - (out[o] - top));
                e[o] = likely[o] / total * (curved ? others / total : weight) - target[o];
            }
        } else {
            UNROLL for (int o = 0; o < 10; o++) {
                const float difference = out[o] - target[o];
                loss += difference * difference;
                e[o] = curved ? 0.2f : difference * 0.2f;
            }
            loss /= 10;
        }
        UNROLL for (int o = 0; o < 10; o++) e[o] *= power<curved>(m[at_dout + o]) * u.scale;
        return loss;
    }

    template <bool curved>
    FUNCTION void output_backward() {
        for (int i = tid; i < 30; i += THREADS) {
            float e[10];
            const float found = output_errors<curved>(e);
            if (i == 0) loss += found;
            const float x = power<curved>(m[at_h3 + i]);
            float below = 0;
            UNROLL for (int o = 0; o < 10; o++) {
                below += power<curved>(m[W4 + o * 30 + i]) * e[o];
                sink<curved>(W4 + o * 30 + i, e[o] * x);
                if (o == i) sink<curved>(B4 + o, e[o]);
            }
            below *= power<curved>(m[at_d3 + i]);
            m[at_e3 + i] = below;
            sink<curved>(B3 + i, below);
        }
        BARRIER();
    }

    template <bool curved>
    FUNCTION void h3_backward() {
        UNROLL for (int k = 0; k < PER; k++) {
            const int i = tid + k * THREADS, group = i / 32, block = i % 32;
            float below[6] = {}, x[6];
            UNROLL for (int c = 0; c < 6; c++) x[c] = power<curved>(m[at_h2 + block + 32 * c]);
            UNROLL for (int r = 0; r < 5; r++) {
                const float e = m[at_e3 + group * 5 + r];
                UNROLL for (int c = 0; c < 6; c++) {
                    const int p = r * 6 + c;
                    below[c] += power<curved>(w3[k][p]) * e;
                    if (curved || BATCHED) sum3[k][curved || BATCHED ? p : 0] += e * x[c];
                    else step(e * x[c], w3[k][p], first3[k][KEPT ? p : 0], second3[k][KEPT && SECOND ? p : 0], u);
                }
            }
            UNROLL for (int c = 0; c < 6; c++) scratch[group * 192 + block + 32 * c] = below[c];
        }
        BARRIER();
        for (int i = tid; i < 192; i += THREADS) {
            float e = 0;
            UNROLL for (int g = 0; g < 6; g++) e += scratch[g * 192 + i];
            e *= power<curved>(m[at_d2 + i]);
            m[at_e2 + i] = e;
            sink<curved>(B2 + i, e);
        }
        BARRIER();
    }

    // One (map, input) pair of H2: the error of four rows of H1, and the gradient of taps [first_tap, first_tap + taps).
    template <bool curved, int first_row, int first_tap, int taps>
    FUNCTION void h2_pair(int q, float (&g)[15]) {
        float e[16], error[32] = {};
        load(e, m + at_e2 + q / 8 * 16);
        const float* w = m + W2 + q * 25;
        UNROLL for (int ky = 0; ky < 5; ky++) {
            float tap[5];
            UNROLL for (int kx = 0; kx < 5; kx++) tap[kx] = power<curved>(w[ky * 5 + kx]);
            UNROLL for (int y = 0; y < 4; y++) {
                const int row = 2 * y + ky - 2 - first_row;
                if (row < 0 || row > 3) continue;
                UNROLL for (int x = 0; x < 4; x++) {
                    UNROLL for (int kx = 0; kx < 5; kx++) {
                        const int to = 2 * x + kx - 2;
                        if (to >= 0 && to < 8) error[row * 8 + to] += tap[kx] * e[y * 4 + x];
                    }
                }
            }
        }
        UNROLL for (int i = 0; i < 32; i += 4) {
            float* part = scratch + errors_of(q) + i / 4 % 2 * 32 + (first_row + i / 8) * 4;
            store(part, error[i], error[i + 1], error[i + 2], error[i + 3]);
        }
        UNROLL for (int t = 0; t < 15; t++) g[t] = 0;
        UNROLL for (int j = first_tap; j < first_tap + taps + 6; j++) {
            float row[12];
            h1_row(row, below(q), j - 2);
            UNROLL for (int c = 0; c < 12; c++) row[c] = power<curved>(row[c]);
            UNROLL for (int t = 0; t < taps; t++) {
                const int ky = first_tap + t, y = (j - ky) / 2;
                if (j < ky || (j - ky) % 2 || y > 3) continue;
                UNROLL for (int kx = 0; kx < 5; kx++) {
                    UNROLL for (int x = 0; x < 4; x++) g[t * 5 + kx] += e[y * 4 + x] * row[2 * x + kx];
                }
            }
        }
    }

    template <bool curved>
    FUNCTION void h2_backward() {
        UNROLL for (int k = 0; k < PER; k++) {
            const int i = tid + k * THREADS;
            if (i < 96) h2_pair<curved, 4, 0, 3>(pair(i), g2[k]);
            else h2_pair<curved, 0, 3, 2>(pair(i - 96), g2[k]);
        }
        BARRIER();
        UNROLL for (int k = 0; k < PER; k++) {
            const int i = tid + k * THREADS, to = W2 + pair(i % 96) * 25 + (i < 96 ? 0 : 15);
            UNROLL for (int t = 0; t < 15; t++)
                if (t < 10 || i < 96) sink<curved>(to + t, g2[k][t]);
        }
        const int* readers = reinterpret_cast<const int*>(m + at_readers);
        for (int i = tid; i < 192; i += THREADS) {
            const int map = i / 16, to = i % 16 * 4, count = readers[map * 13];
            float e[4] = {}, part[4], slope[4];
            for (int r = 1; r <= count; r++) {
                load(part, scratch + errors_of(readers[map * 13 + r]) + to);
                UNROLL for (int x = 0; x < 4; x++) e[x] += part[x];
            }
            load(slope, m + at_e1 + map * MAP + to);
            UNROLL for (int x = 0; x < 4; x++) {
                e[x] *= power<curved>(slope[x]);
                sink<curved>(B1 + map * 64 + to + x, e[x]);
            }
            store(m + at_e1 + map * MAP + to, e[0], e[1], e[2], e[3]);
        }
        BARRIER();
    }

    // A row of taps of two maps over two rows of positions: 160 multiply-adds for 72 numbers; then the sums over rows.
    template <bool curved>
    FUNCTION void h1_backward(const float* image) {
        for (int i = tid; i < 120; i += THREADS) {
            const int map = i % 6, ky = i / 6 % 5, quarter = i / 30;
            float a[10] = {}, row[20], e[2][2][4];
            UNROLL for (int y = 0; y < 2; y++) {
                load(row, image + (ky & 1) * 200 + (quarter * 2 + y + ky / 2) * 20);
                UNROLL for (int n = 0; n < 2; n++) {
                    UNROLL for (int half = 0; half < 2; half++)
                        load(e[n][half], m + at_e1 + (map + 6 * n) * MAP + half * 32 + (quarter * 2 + y) * 4);
                }
                UNROLL for (int kx = 0; kx < 5; kx++) {
                    UNROLL for (int x = 0; x < 8; x++) {
                        UNROLL for (int n = 0; n < 2; n++) a[n * 5 + kx] += e[n][x / 4][x % 4] * power<curved>(row[2 * x + kx]);
                    }
                }
            }
            UNROLL for (int n = 0; n < 2; n++) {
                UNROLL for (int kx = 0; kx < 5; kx++)
                    scratch[quarter * 300 + (map + 6 * n) * 25 + ky * 5 + kx] = a[n * 5 + kx];
            }
        }
        BARRIER();
        for (int i = tid; i < 300; i += THREADS)
            sink<curved>(W1 + i / 25 * 28 + i % 25, (scratch[i] + scratch[300 + i]) + (scratch[600 + i] + scratch[900 + i]));
        BARRIER();
    }

    template <bool curved>
    FUNCTION void backward(int digit) {
        output_backward<curved>();
        h3_backward<curved>();
        h2_backward<curved>();
        h1_backward<curved>(image(digit));
    }
};
