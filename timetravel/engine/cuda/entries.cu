// Trains every net on `count` digits. A stride is how many numbers lie from one net's digits to the next net's; 0: shared.
ENTRY train(float* weights, float* state, const float* inputs, const float* targets, const float* mask,
            const Update* updates, const unsigned char* table, double* losses, int count, int batch, long long input_stride,
            long long target_stride, long long mask_stride) {
    SHARED;
    const int here[] = {HERE};  // thread, net, part, parts
    const long long lane = here[1];
    Trainer net(here[0], reinterpret_cast<float*>(shared_memory));
    weights += lane * SIZE, state += lane * (STATE + SECOND) * SIZE;
    inputs += lane * input_stride, targets += lane * target_stride, mask += lane * mask_stride;
    net.begin(weights, state, table);
    net.fetch(inputs);
    net.place(0);
    BARRIER();
    int update = 0, left = batch;
    for (int digit = 0; digit < count; digit++) {
        net.u = updates[update];
        net.forward(digit, digit + 1 < count ? inputs + (digit + 1) * 256 : nullptr, targets + digit * 10,
                    MASKED ? mask + digit * 192 : nullptr);
        net.backward<false>(digit);
        if (--left == 0 || digit + 1 == count) {
            if (BATCHED) net.step_all(state);
            left = batch, update++;
        }
    }
    net.end(weights, state);
    if (net.tid == 0) losses[lane] = net.loss;
}

// The outputs of every net for `count` digits, which all nets share; several blocks may divide a net's digits.
ENTRY evaluate(const float* weights, const float* inputs, const unsigned char* table, float* outputs, int count) {
    SHARED;
    const int here[] = {HERE};  // thread, net, part, parts
    Trainer net(here[0], reinterpret_cast<float*>(shared_memory));
    weights += (long long)here[1] * SIZE, outputs += (long long)here[1] * count * 10;
    const int share = (count + here[3] - 1) / here[3], from = here[2] * share, to = from + share < count ? from + share : count;
    net.begin(weights, weights, table);
    for (int digit = from; digit < to; digit++) {
        net.fetch(inputs + digit * 256);
        net.place(digit & 1);
        BARRIER();
        net.forward(digit, nullptr, nullptr, nullptr);
        for (int i = net.tid; i < 10; i += THREADS) outputs[digit * 10 + i] = net.m[at_out + i];
    }
}

#if OPTIMIZER == NEWTON && !BATCHED
// Leaves the pace of every weight, 1 / (mu + curvature), as the state: the curvature is a mean over `count` digits.
ENTRY curvature(const float* weights, float* state, const float* inputs, const unsigned char* table, int count) {
    SHARED;
    const int here[] = {HERE};  // thread, net, part, parts
    Trainer net(here[0], reinterpret_cast<float*>(shared_memory));
    weights += (long long)here[1] * SIZE, state += (long long)here[1] * SIZE;
    net.begin(weights, weights, table);
    for (int i = net.tid; i < SMALL; i += THREADS) net.m[at_state + i] = 0;
    net.u.scale = float(LOSS_SCALE) / count;
    net.fetch(inputs);
    net.place(0);
    BARRIER();
    for (int digit = 0; digit < count; digit++) {
        net.forward(digit, digit + 1 < count ? inputs + (digit + 1) * 256 : nullptr, nullptr, nullptr);
        net.backward<true>(digit);
    }
    // What is not finite gives NaN: it ends as a diverged run, not as a weight that stands still.
    const auto pace = [](float h) { return 1 / (float(MU) + h + (h - h)); };
    for (int i = net.tid; i < SMALL; i += THREADS) state[i] = pace(net.m[at_state + i]);
    net.each_of_h3([&](int k, int r, int to) { state[to] = pace(net.sum3[k][r]); });
}
#endif
