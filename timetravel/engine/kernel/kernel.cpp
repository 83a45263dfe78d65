// The entry points of one build: each choice of net and activation becomes its own compiled loop.
#include "block.h"
#include "curvature.h"
#include "distort.h"
#include "forward.h"
#include "frame.h"
#include "fully_connected.h"
#include "lecun1989.h"
#include "train.h"

namespace timetravel::TIMETRAVEL_BUILD {
namespace {

#define TO_TEXT_(name) #name
#define TO_TEXT(name) TO_TEXT_(name)

// Frees what it holds when the call ends.
template <class T>
struct Owned {
    T* held;
    ~Owned() { delete held; }
};

// Calls use(activation) with that of the hidden units.
template <class Use>
auto with_activation(const Net& net, const Use& use) {
    switch (net.activation) {
        case Activation::relu: return use(Relu{});
        case Activation::gelu: return use(Gelu{});
        case Activation::silu: return use(Silu{});
        default: return use(Tanh{net.amplitude, net.slope});
    }
}

// Calls use(model) with the net that is asked for.
template <class Use>
auto with_model(const Net& net, const Use& use) {
    return with_activation(net, [&]<class Hidden>(const Hidden& hidden) {
        switch (net.kind) {
            case Kind::fully_connected: return use(FullyConnected<Hidden>(net, hidden));
            default: return use(LeCun1989<Hidden>(net, hidden));
        }
    });
}

double train(const TrainBlock& block) {
    return with_model(block.net, [&]<class Model>(const Model& model) {
        const Owned<Workspace<Model>> work{new Workspace<Model>(block.net)};
        return Trainer<Model>(block, model, *work.held).run();
    });
}

void curvature(const CurvatureBlock& block) {
    with_model(block.net, [&]<class Model>(const Model& model) {
        const Owned<CurvatureWorkspace<Model>> work{new CurvatureWorkspace<Model>(block.net)};
        estimate_curvature(block, model, *work.held);
    });
}

template <class Work, class Hidden>
void forward_with(const ForwardBlock& block, const Hidden& hidden) {
    const Owned<Work> work{new Work};
    if (block.net.output == Output::tanh)
        evaluate(block, hidden, Tanh{block.net.amplitude, block.net.slope}, *work.held);
    else
        evaluate(block, hidden, Linear{}, *work.held);
}

void forward(const ForwardBlock& block) {
    with_activation(block.net, [&](const auto& hidden) {
        switch (block.net.kind) {
            case Kind::fully_connected: return forward_with<FullEvaluation>(block, hidden);
            default: return forward_with<Evaluation>(block, hidden);
        }
    });
}

// Eight images at a time, as many as the forward pass takes at once.
void framed_forward(const FrameBlock& block) {
    Framer framer(block);
    float images[lanes * input_count];
    ForwardBlock part = block;
    part.inputs = images;
    for (std::int64_t first = 0; first < block.count; first += lanes) {
        part.count = block.count - first < lanes ? block.count - first : lanes;
        part.outputs = block.outputs + first * output_units;
        for (std::int64_t i = 0; i < part.count; i++)
            framer.frame(block.inputs + (first + i) * block.side * block.side, images + i * input_count);
        forward(part);
    }
}

void distort_all(const DistortBlock& block) {
    const Owned<Distorter> work{new Distorter};
    distort(block, *work.held);
}

}  // namespace

const Kernel kernel{TO_TEXT(TIMETRAVEL_BUILD), train, forward, framed_forward, distort_all, mix, curvature};

}  // namespace timetravel::TIMETRAVEL_BUILD
