// One net in its block: its memory, and what goes in and out.
struct Net {
    const int tid, late;  // this thread, and in an order in which the first ones, which are busiest, come last
    float* const m;  // shared memory
    float* const scratch;
    float w3[PER][PATCH], first3[PER][KEPT ? PATCH : 1], second3[PER][KEPT && SECOND ? PATCH : 1];
    float sum3[PER][SUMS ? PATCH : 1], g2[PER][15];
    float4 next_image[PER_64];
    float next_target[PER_10], keep[PER];
    Update u;
    double loss;

    FUNCTION Net(int tid, float* m) : tid(tid), late((tid + 128) % THREADS), m(m), scratch(m + at_scratch), u{}, loss(0) {}

    // Calls act(item's number k, place r in its patch, place in global memory) for H3's weights.
    template <class Act>
    FUNCTION void each_of_h3(const Act& act) const {
        UNROLL for (int k = 0; k < PER; k++) {
            UNROLL for (int r = 0; r < PATCH; r++) act(k, r, W3 + r * 192 + tid + k * THREADS);
        }
    }

    // Reads the weights, the state and H2's table, and lays the image's border.
    FUNCTION void begin(const float* weights, const float* state, const unsigned char* table) {
        for (int i = tid; i < SMALL; i += THREADS) {
            m[i] = weights[i];
            if (KEPT) m[at_state + i] = state[i];
            if (KEPT && SECOND) m[at_second + i] = state[SIZE + i];
            if (BATCHED) m[at_sum + i] = 0;
        }
        each_of_h3([&](int k, int r, int from) {
            w3[k][r] = weights[from];
            if (KEPT) first3[k][r] = state[from];
            if (KEPT && SECOND) second3[k][r] = state[SIZE + from];
            if (SUMS) sum3[k][r] = 0;
        });
        for (int i = tid; i < 800; i += THREADS) m[at_image + i] = float(BORDER);
        int *maps = reinterpret_cast<int*>(m + at_table), *readers = reinterpret_cast<int*>(m + at_readers);
        for (int i = tid; i < 96; i += THREADS) maps[i] = table[i];
        for (int c = tid; c < 12; c += THREADS) {  // which (map, input) pairs read H1's map c, their number first
            int count = 0;
            for (int q = 0; q < 96; q++)
                if (table[q] == c) readers[c * 13 + ++count] = q;
            readers[c * 13] = count;
        }
        BARRIER();
    }

    FUNCTION void end(float* weights, float* state) const {
        for (int i = tid; i < SMALL; i += THREADS) {
            weights[i] = m[i];
            if (MOVES && KEPT) state[i] = m[at_state + i];
            if (KEPT && SECOND) state[SIZE + i] = m[at_second + i];
        }
        each_of_h3([&](int k, int r, int to) {
            weights[to] = w3[k][r];
            if (MOVES && KEPT) state[to] = first3[k][r];
            if (KEPT && SECOND) state[SIZE + to] = second3[k][r];
        });
    }

    // Hands the gradient of a weight in shared memory on; `curved` gathers second derivatives where the state lies.
    template <bool curved>
    FUNCTION void sink(int i, float g) {
        if (curved) m[at_state + i] += g;
        else if (BATCHED) m[at_sum + i] += g;
        else step(g, m[i], m[at_state + i], m[at_second + i], u);
    }

    // One weight after a batch: its state stays in global memory. Forgets the gathered gradient.
    FUNCTION void step_one(float& sum, float& w, float* state) const {
        float first = STATE ? state[0] : 0, second = SECOND ? state[SIZE] : 0;
        step(sum, w, first, second, u);
        if (MOVES) state[0] = first;
        if (SECOND) state[SIZE] = second;
        sum = 0;
    }

    FUNCTION void step_all(float* state) {
        BARRIER();
        for (int i = tid; i < SMALL; i += THREADS) step_one(m[at_sum + i], m[i], state + i);
        each_of_h3([&](int k, int r, int i) { step_one(sum3[k][SUMS ? r : 0], w3[k][r], state + i); });
        BARRIER();
    }

    // The next digit on its way to registers, and then to its place: rows of even and of odd number apart.
    FUNCTION void fetch(const float* image) {
        UNROLL for (int k = 0, i = late; k < PER_64; k++, i += THREADS)
            if (i < 64) next_image[k] = reinterpret_cast<const float4*>(image)[i];
    }

    FUNCTION void fetch_target(const float* target) {
        UNROLL for (int k = 0, i = late; k < PER_10; k++, i += THREADS)
            if (i < 10) next_target[k] = target[i];
    }

    FUNCTION void place(int buffer) {
        UNROLL for (int k = 0, i = late; k < PER_64; k++, i += THREADS) {
            if (i >= 64) continue;
            const int row = i / 4;
            float* to = m + at_image + buffer * 400 + (row & 1) * 200 + (row / 2 + 1) * 20 + i % 4 * 4 + 2;
            store(to, next_image[k].x, next_image[k].y);
            store(to + 2, next_image[k].z, next_image[k].w);
        }
    }

    FUNCTION void place_target() {
        UNROLL for (int k = 0, i = late; k < PER_10; k++, i += THREADS)
            if (i < 10) m[at_target + i] = next_target[k];
    }

    FUNCTION void fetch_mask(const float* mask) {
        UNROLL for (int k = 0; k < PER; k++) keep[k] = mask[tid + k * THREADS];
    }
};
