// One digit forward.
struct Forward : Net {
    FUNCTION Forward(int tid, float* memory) : Net(tid, memory) {}

    FUNCTION const float* image(int digit) const { return m + at_image + (digit & 1) * 400; }

    // Half a row of one map of H1: 100 multiply-adds for 92 numbers, 28 of which a half-warp shares.
    FUNCTION void h1_forward(const float* image) {
        for (int i = tid; i < 192; i += THREADS) {
            const int map = i / 16, half = i / 8 % 2, y = i % 8, to = i % 16 * 4;
            float a[4], row[12], slope[4], tap[28];
            load(a, m + B1 + map * 64 + to);
            load(tap, m + W1 + map * 28);
            UNROLL for (int ky = 0; ky < 5; ky++) {
                load(row, image + (ky & 1) * 200 + (y + ky / 2) * 20 + half * 8);
                UNROLL for (int kx = 0; kx < 5; kx++) {
                    UNROLL for (int x = 0; x < 4; x++) a[x] += tap[ky * 5 + kx] * row[2 * x + kx];
                }
            }
            UNROLL for (int x = 0; x < 4; x++) a[x] = hidden(a[x], slope[x]);
            store(m + at_h1 + map * MAP + to, a[0], a[1], a[2], a[3]);
            store(m + at_e1 + map * MAP + to, slope[0], slope[1], slope[2], slope[3]);
        }
        BARRIER();
    }

    // One row of a map of H1 with two numbers of the border on either side; outside the map there is nothing else.
    FUNCTION void h1_row(float (&row)[12], const float* map, int y) const {
        UNROLL for (int x = 0; x < 12; x++) row[x] = float(MAP_BORDER);
        if (y < 0 || y > 7) return;
        UNROLL for (int half = 0; half < 2; half++) {
            const float4 v = *reinterpret_cast<const float4*>(map + half * 32 + y * 4);
            float* to = row + 2 + half * 4;
            to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
        }
    }

    // The (map, input) pair of H2 that an item works on. Neighbours work on the same input of two maps: where these read
    // the same map of H1, as nearly all do in a regular table, one load serves both.
    FUNCTION int pair(int i) const { return (i / 32 * 4 + i % 32 / 16 * 2 + i % 2) * 8 + i / 2 % 8; }
    FUNCTION static int errors_of(int q) { return q * MAP + q / 8 * 16; }
    FUNCTION const float* below(int q) const { return m + at_h1 + reinterpret_cast<const int*>(m + at_table)[q] * MAP; }

    // Two rows of one map of H2 from one of its inputs: 200 multiply-adds for 73 numbers at most.
    template <int half>
    FUNCTION void h2_rows(int q) {
        float a[8] = {}, tap[25], row[12];
        UNROLL for (int t = 0; t < 25; t++) tap[t] = m[W2 + q * 25 + t];
        UNROLL for (int j = 0; j < 7; j++) {
            h1_row(row, below(q), half * 4 + j - 2);
            UNROLL for (int y = 0; y < 2; y++) {
                const int ky = j - 2 * y;
                if (ky < 0 || ky > 4) continue;
                UNROLL for (int kx = 0; kx < 5; kx++) {
                    UNROLL for (int x = 0; x < 4; x++) a[y * 4 + x] += tap[ky * 5 + kx] * row[2 * x + kx];
                }
            }
        }
        float* part = scratch + q * PAIR + q / 8 * 16 + half * 8;
        store(part, a[0], a[1], a[2], a[3]);
        store(part + 4, a[4], a[5], a[6], a[7]);
    }

    FUNCTION void h2_forward(bool masked) {
        for (int i = tid; i < 192; i += THREADS) {
            if (i < 96) h2_rows<0>(pair(i));
            else h2_rows<1>(pair(i - 96));
        }
        BARRIER();
        UNROLL for (int k = 0; k < PER; k++) {
            const int i = tid + k * THREADS;
            const float* part = scratch + i / 16 * (8 * PAIR + 16) + i % 16;
            float a = m[B2 + i], slope;
            UNROLL for (int c = 0; c < 8; c++) a += part[c * PAIR];
            a = hidden(a, slope);
            m[at_h2 + i] = masked ? a * keep[k] : a;
            m[at_d2 + i] = masked ? slope * keep[k] : slope;
        }
        BARRIER();
    }

    FUNCTION void h3_forward() {
        UNROLL for (int k = 0; k < PER; k++) {
            const int i = tid + k * THREADS, group = i / 32, block = i % 32;
            float x[6];
            UNROLL for (int c = 0; c < 6; c++) x[c] = m[at_h2 + block + 32 * c];
            UNROLL for (int r = 0; r < 5; r++) {
                float a = 0;
                UNROLL for (int c = 0; c < 6; c++) a += w3[k][r * 6 + c] * x[c];
                scratch[(group * 5 + r) * 33 + block] = a;
            }
        }
        BARRIER();
        for (int i = tid; i < 30; i += THREADS) {
            float a[4] = {m[B3 + i], 0, 0, 0};
            UNROLL for (int c = 0; c < 32; c++) a[c % 4] += scratch[i * 33 + c];
            m[at_h3 + i] = hidden((a[0] + a[1]) + (a[2] + a[3]), m[at_d3 + i]);
        }
    }

    FUNCTION void output_forward() {
        BARRIER();
        for (int i = tid; i < 10; i += THREADS) {
            float a[4] = {m[B4 + i], 0, 0, 0};
            UNROLL for (int c = 0; c < 30; c++) a[c % 4] += m[W4 + i * 30 + c] * m[at_h3 + c];
            m[at_out + i] = output((a[0] + a[1]) + (a[2] + a[3]), m[at_dout + i]);
        }
        BARRIER();
    }

    // One digit forward, the next one on its way meanwhile. Leaves the outputs.
    FUNCTION void forward(int digit, const float* next, const float* target, const float* mask) {
        if (next != nullptr) fetch(next);
        if (target != nullptr) fetch_target(target);
        if (mask != nullptr) fetch_mask(mask);
        h1_forward(image(digit));
        h2_forward(mask != nullptr);
        h3_forward();
        if (next != nullptr) place((digit + 1) & 1);
        if (target != nullptr) place_target();
        output_forward();
    }
};
