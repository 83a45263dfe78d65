// What one call asks of the kernel, in plain C types.
// This header is the whole border between binding.cpp, which checks what Python hands over, and the arithmetic, which is
// compiled once per instruction set (see CMakeLists.txt) and trusts these structures.
#pragma once

#include <cstdint>

namespace timetravel {

// The net of LeCun et al. 1989: 9,760 parameters in the order of the nn.Module's parameters, each C-contiguous.
inline constexpr int input_count = 16 * 16;
inline constexpr int h1_weights = 12 * 5 * 5, h1_units = 12 * 8 * 8;
inline constexpr int h2_weights = 12 * 8 * 5 * 5, h2_units = 12 * 4 * 4;
inline constexpr int h3_units = 30, h3_weights = h3_units * h2_units;
inline constexpr int output_units = 10, output_weights = output_units * h3_units;
inline constexpr int parameter_count =
    h1_weights + h1_units + h2_weights + h2_units + h3_weights + h3_units + output_weights + output_units;
static_assert(parameter_count == 9760);

// Its rival, whose 40 hidden units each read all of the image: 10,690 parameters.
inline constexpr int full_units = 40;
inline constexpr int full_parameter_count =
    full_units * input_count + full_units + output_units * full_units + output_units;
static_assert(full_parameter_count == 10690);

enum class Kind { lecun1989, fully_connected };

enum class Activation { tanh, relu, gelu, silu };
enum class Output { tanh, linear };
enum class Loss { squared_error, cross_entropy };
enum class Optimizer { sgd, momentum, adamw, diagonal_newton };

// How many numbers an optimizer keeps beside each parameter.
constexpr int state_rows(Optimizer optimizer) {
    return optimizer == Optimizer::sgd ? 0 : optimizer == Optimizer::adamw ? 2 : 1;
}

struct Net {
    Kind kind;
    std::uint8_t table[12 * 8];  // the H1 maps that each H2 map reads; unused if there is no H2
    Activation activation;
    Output output;
    float border, map_border;  // the value outside the image, and outside H1's maps
    float amplitude, slope;    // tanh units compute amplitude * tanh(slope * x)
};

constexpr int parameters_of(const Net& net) {
    return net.kind == Kind::fully_connected ? full_parameter_count : parameter_count;
}

// All that stays the same from call to call.
struct Options {
    Net net;
    Loss loss;
    Optimizer optimizer;
    std::int64_t batch_size;
    float loss_scale;  // of what is trained; the loss that is returned stays as it is
    double momentum, beta1, beta2, epsilon, weight_decay, mu;
    double sharpness;  // the radius of sharpness-aware minimization; 0: none
};

struct TrainBlock : Options {
    std::int64_t step;  // updates made before this block
    std::int64_t count;
    const float *inputs, *targets, *mask, *learning_rates;  // mask may be null, and is without H2
    float *parameters, *state;
};

struct ForwardBlock : Options {
    std::int64_t count;
    const float *parameters, *inputs;
    float* outputs;
};

struct CurvatureBlock : Options {
    std::int64_t count;
    const float *parameters, *inputs;
    float* curvature;
};

// Training images, and what was drawn for each: see distort.h.
inline constexpr int most_nodes = 16;  // a side
struct DistortBlock {
    std::int64_t count, node_rows;
    const float* images;
    const std::int64_t *rows, *offsets;          // which image each is made of; offsets may be null,
    const float *maps, *nodes, *splines;         // and so may maps, and nodes with their splines
    float* outputs;
};

struct MixBlock {
    std::int64_t count;
    const float* images;
    const std::int64_t* partners;
    const float* shares;
    float* outputs;
};

// Stored images of `side` pixels a side, for a finished net.
inline constexpr int largest_side = 32;
struct FrameBlock : ForwardBlock {
    int side;
    float window, deslant;
};

struct Kernel {
    const char* instruction_set;
    double (*train)(const TrainBlock&);
    void (*forward)(const ForwardBlock&);
    void (*framed_forward)(const FrameBlock&);  // inputs: float32 (count, side, side)
    void (*distort)(const DistortBlock&);
    void (*mix)(const MixBlock&);
    void (*curvature)(const CurvatureBlock&);
};

namespace avx512 {
extern const Kernel kernel;
}
namespace avx2 {
extern const Kernel kernel;
}
namespace baseline {
extern const Kernel kernel;
}

}  // namespace timetravel
