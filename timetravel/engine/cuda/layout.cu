// The 1989 net on a CUDA card: one net a thread block, trained without leaving the multiprocessor. This is the first of
// the files that source.py joins to one text: where everything lies, activations and the optimizer's step.
//
// H3's weights lie in registers, all others in shared memory. Every phase is a loop over work items (192 of them wherever
// a layer is large) and ends with a barrier, so the same text, compiled as plain C++ with one thread, is the same
// program: that is how it is tested without a card. What tells recipes apart is fixed when it is compiled (the macros
// that engine/cuda/source.py writes above this text).
//
// Shared memory gives 32 numbers a cycle and the arithmetic units take 128 multiply-adds: so every item keeps its sums in
// registers and uses each number that it loads several times. Strides are padded so that eight 16-byte loads side by side
// meet eight different banks.
#if defined(__CUDACC__) || defined(__CUDACC_RTC__)
#define THREADS 192
#define FUNCTION __device__ __forceinline__
#define ENTRY extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS)
#define BARRIER() __syncthreads()
#define UNROLL _Pragma("unroll")
#define SHARED extern __shared__ float4 shared_memory[]
#define HERE int(threadIdx.x), int(blockIdx.x), int(blockIdx.y), int(gridDim.y)
#else
#include <math.h>
#define THREADS 1
#define FUNCTION inline
#define ENTRY extern "C" void
#define BARRIER()
#define UNROLL
struct float2 { float x, y; };
struct float4 { float x, y, z, w; };
static int net_of_call;
static float4 shared_memory[6144];
#define SHARED
#define HERE 0, net_of_call, 0, 1
extern "C" void choose(int net) { net_of_call = net; }
#endif

constexpr int PER = 192 / THREADS, PER_64 = (63 + THREADS) / THREADS, PER_10 = (9 + THREADS) / THREADS;  // items a thread has

// A net in global memory: this order, H3's weights last, [place in the item's patch][item].
// Kernels of H1 have rows of 28. Its biases, as all of its 8 x 8 maps: [half of a row][row][4 columns].
constexpr int W1 = 0, B1 = 336, W2 = 1104, B2 = 3504, B3 = 3696, W4 = 3728, B4 = 4028, SMALL = 4040, W3 = SMALL;
constexpr int PATCH = 30, SIZE = W3 + 192 * PATCH;  // 5 units x 6 inputs an item; 9,760 parameters and 40 of padding
constexpr bool STATE = OPTIMIZER == ADAMW || OPTIMIZER == MOMENTUM || OPTIMIZER == NEWTON, SECOND = OPTIMIZER == ADAMW;
constexpr bool MOVES = STATE && OPTIMIZER != NEWTON;  // the state changes from step to step
constexpr bool KEPT = STATE && !BATCHED;  // the state is used at every digit, so it lies beside the weights
constexpr bool SUMS = BATCHED || OPTIMIZER == NEWTON;  // something is gathered over digits

// Where things lie in shared memory.
constexpr int MAP = 68, PAIR = 20;  // from map to map of H1, and from (map, input) pair to pair of H2's parts
constexpr int at_state = SMALL, at_second = at_state + (KEPT ? SMALL : 0), at_sum = at_second + (KEPT && SECOND ? SMALL : 0);
constexpr int at_image = at_sum + (BATCHED ? SMALL : 0), at_h1 = at_image + 800, at_e1 = at_h1 + 12 * MAP;
constexpr int at_h2 = at_e1 + 12 * MAP, at_d2 = at_h2 + 192, at_e2 = at_d2 + 192, at_h3 = at_e2 + 192, at_d3 = at_h3 + 32;
constexpr int at_e3 = at_d3 + 32, at_out = at_e3 + 32, at_dout = at_out + 12, at_target = at_dout + 12;
constexpr int at_table = at_target + 12, at_readers = at_table + 96, at_scratch = at_readers + 12 * 13;
constexpr int FLOATS = at_scratch + 96 * MAP + 12 * 16;
static_assert(at_scratch % 4 == 0 && at_image % 4 == 0 && FLOATS <= 4 * 6144, "16-byte loads from what there is");

// One update: what an error is scaled with, and AdamW's or momentum's numbers.
struct Update { float scale, rate, spread, keep; };

FUNCTION float hidden(float x, float& slope) {
#if ACTIVATION == TANH
    const float t = tanhf(float(SLOPE) * x);
    slope = float(AMPLITUDE * SLOPE) * (1 - t * t);
    return float(AMPLITUDE) * t;
#elif ACTIVATION == RELU
    slope = x > 0 ? 1.0f : 0.0f;
    return x > 0 ? x : x != x ? x : 0.0f;
#elif ACTIVATION == SILU
    const float s = 0.5f + 0.5f * tanhf(0.5f * x);
    slope = s + x * (s - s * s);
    return x * s;
#else
    // The tanh form of GELU. Beyond +-5 the second term is nothing, while its cubic factor would blow up t's rounding.
    const float steep = 0.797884560802865356f, cubic = 0.044715f;
    const float t = 0.5f * tanhf(steep * (x + cubic * x * x * x)), near = fmaxf(-5.0f, fminf(5.0f, x));
    slope = t + 0.5f + near * (near * near * (3 * cubic) + 1) * steep * (0.5f - 2 * t * t);
    return x * (t + 0.5f);
#endif
}

FUNCTION float output(float x, float& slope) {
    if (!OUTPUT_TANH) {
        slope = 1;
        return x;
    }
    const float t = tanhf(float(SLOPE) * x);
    slope = float(AMPLITUDE * SLOPE) * (1 - t * t);
    return float(AMPLITUDE) * t;
}

// What the optimizer does with a finished gradient; `first` and `second` are its state.
FUNCTION void step(float g, float& w, float& first, float& second, const Update& u) {
    if (OPTIMIZER == SGD) w -= g;  // the rate is in the gradient
    if (OPTIMIZER == NEWTON) w -= g * first;
    if (OPTIMIZER == MOMENTUM) {
        first = first * float(MOMENTUM_OF) + g;
        w -= first * u.rate;
    }
    if (OPTIMIZER == ADAMW) {
        first += (g - first) * float(1 - BETA1);
        second = second * float(BETA2) + g * g * float(1 - BETA2);
        w = w * u.keep - first / (sqrtf(second) * u.spread + float(EPSILON)) * u.rate;
    }
}

template <bool squared>
FUNCTION float power(float x) { return squared ? x * x : x; }

template <int n>
FUNCTION void load(float (&to)[n], const float* from) {
    UNROLL for (int i = 0; i < n; i += 4) {
        const float4 v = *reinterpret_cast<const float4*>(from + i);
        to[i] = v.x, to[i + 1] = v.y, to[i + 2] = v.z, to[i + 3] = v.w;
    }
}

FUNCTION void store(float* to, float a, float b, float c, float d) { *reinterpret_cast<float4*>(to) = float4{a, b, c, d}; }
FUNCTION void store(float* to, float a, float b) { *reinterpret_cast<float2*>(to) = float2{a, b}; }
