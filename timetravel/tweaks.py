"""The tweaks: each a named, dated and sourced change of a recipe. A new one is one entry of _TWEAKS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.recipes import Recipe, value_of

ESSAYS: Final = "the 2022 essay's numbers, chosen on the test split"
FOLDS: Final = "on five folds of the training digits of mnist, subset karpathy-test-first, and of usps (docs/tune.md)"


@dataclass(frozen=True)
class Tweak:
    """One change of a recipe: a name and what it changes are enough for one of your own.

    changes: a recipe's values by name, or functions from the recipe to them. Raises UsageError for a name that no
    recipe has, and for a value that is none of its kind.

    >>> tt.Tweak("soft", {"label_smoothing": 0.1}, needs=("softmax",)).apply(tt.ERAS["2022"].recipe).label_smoothing
    0.1
    """

    name: str
    changes: Mapping[str, Any] = field(repr=False)
    title: str = ""
    reason: str = ""
    source: str = ""  # authors (year), title
    link: str = ""
    chosen: str = "usual numbers, not tuned here"  # how its numbers were
    needs: Sequence[str] = ()  # tweaks that must come before it
    excludes: Sequence[str] = ()  # tweaks that it can't go with; said on one side
    digits: int = 1  # the fewest training digits that it makes sense with
    package: str = ""  # an optional one that it needs

    def __post_init__(self) -> None:
        """Refuse changes that no recipe could follow (UsageError)."""
        named = "," not in self.name and self.name.strip() == self.name and self.name not in ("", "all", "essay")
        if not named or isinstance(self.needs, str):
            raise UsageError(f"{self.name!r} can't be a tweak.", "A name without commas; what it needs, as a list.")
        for name, new in self.changes.items():
            value_of(name, new, f"The tweak {self.name}")

    @property
    def year(self) -> int:
        """The year of its source."""
        return int(self.source.split("(")[1][:4])

    def apply(self, recipe: Recipe) -> Recipe:
        """Return the changed recipe."""
        made = {name: new(recipe) if callable(new) else new for name, new in self.changes.items()}
        return recipe.but(**{name: value_of(name, new, f"The tweak {self.name}") for name, new in made.items()})


def _at_least(epochs: int) -> Callable[[Recipe], int]:
    return lambda recipe: max(recipe.epochs, epochs)


def _rate(**rates: float) -> Callable[[Recipe], float]:
    """Return the learning rate that belongs to the recipe's optimizer; the recipe's own where none is given."""
    return lambda recipe: rates.get(recipe.optimizer, recipe.learning_rate)


_TWEAKS: Final = (
    # The essay's four, in its order.
    Tweak(
        "softmax",
        {"loss": "cross-entropy", "output": "linear", "initial_output_bias": 0.0, "learning_rate": _rate(sgd=0.01)},
        "softmax and cross-entropy",
        "a loss made for choosing one of ten; the essay lowers SGD's learning rate to 0.01 with it",
        "Bridle (1990), Probabilistic Interpretation of Feedforward Classification Network Outputs",
        "https://doi.org/10.1007/978-3-642-76153-9_28",
        ESSAYS,
    ),
    Tweak(
        "adamw",
        {
            "optimizer": "adamw",
            "learning_rate": 3e-4,
            "schedule": "linear",
            "final_learning_rate": 1e-4,
            "weight_decay": 0.01,
            "epochs": _at_least(46),
        },
        "AdamW, decayed",
        "a learning rate for each weight, falling from 3e-4 to 1e-4; the essay doubles the epochs with it",
        "Loshchilov and Hutter (2017), Decoupled Weight Decay Regularization",
        "https://arxiv.org/abs/1711.05101",
        ESSAYS,
    ),
    Tweak(
        "shift",
        {"shift": 1, "epochs": _at_least(60)},
        "shifts by up to 1 pixel",
        "every example rolls the image by at most a pixel each way; the essay goes on to 60 epochs",
        "LeCun, Bottou, Bengio and Haffner (1998), Gradient-Based Learning Applied to Document Recognition",
        "https://doi.org/10.1109/5.726791",
        ESSAYS,
    ),
    Tweak(
        "dropout",
        {"dropout": 0.25, "activation": "relu", "epochs": _at_least(80)},
        "dropout and ReLU",
        "a quarter of H2 is silent at each example, with ReLU everywhere; the essay goes on to 80 epochs",
        "Hinton et al. (2012), Improving Neural Networks by Preventing Co-adaptation of Feature Detectors",
        "https://arxiv.org/abs/1207.0580",
        ESSAYS,
    ),
    # The essay's failures.
    Tweak(
        "more-epochs",
        {"epochs": _at_least(80)},
        "80 epochs",
        "nothing but longer training, as long as 2022's",
        "Hoffer, Hubara and Soudry (2017), Train Longer, Generalize Better",
        "https://arxiv.org/abs/1705.08741",
        ESSAYS,
    ),
    Tweak(
        "relu",
        {"activation": "relu"},
        "ReLU",
        "units that do not saturate",
        "Nair and Hinton (2010), Rectified Linear Units Improve Restricted Boltzmann Machines",
        "https://icml.cc/Conferences/2010/papers/432.pdf",
    ),
    Tweak(
        "weight-norm",
        {"weight_normalization": True},
        "weight normalization",
        "every unit's weights are trained as a length and a direction; finished, the net is the old one",
        "Salimans and Kingma (2016), Weight Normalization",
        "https://arxiv.org/abs/1602.07868",
    ),
    Tweak(
        "micro-vit",
        {"net": "micro-vit", "initial_spread": 1.7},
        "a micro vision transformer",
        "attention in place of convolution, with about as many parameters and multiply-adds",
        "Dosovitskiy et al. (2020), An Image Is Worth 16x16 Words",
        "https://arxiv.org/abs/2010.11929",
        needs=("adamw", "mini-batches"),
        excludes=("weight-norm", "dropout", "relu", "gelu", "silu"),
    ),
    # Training by other means.
    Tweak(
        "momentum",
        {"optimizer": "momentum", "momentum": 0.9, "learning_rate": lambda recipe: recipe.learning_rate / 10},
        "momentum",
        "each step goes on with nine tenths of the last; a tenth of the rate keeps its length",
        "Rumelhart, Hinton and Williams (1986), Learning Representations by Back-propagating Errors",
        "https://doi.org/10.1038/323533a0",
        excludes=("adamw", "schedule-free", "muon", "micro-vit"),
    ),
    Tweak(
        "mini-batches",
        {"batch_size": 32, "order": "shuffled", "learning_rate": _rate(sgd=0.3, momentum=0.03, adamw=3e-3)},
        "shuffled mini-batches",
        "a step for 32 digits, in an order that is drawn for every epoch, at a higher rate",
        "Bengio (2012), Practical Recommendations for Gradient-Based Training of Deep Architectures",
        "https://arxiv.org/abs/1206.5533",
        FOLDS,
        digits=32,
    ),
    Tweak(
        "muon",
        {"optimizer": "muon", "learning_rate": 2e-3},
        "Muon",
        "steps of hidden layers are made orthogonal",
        "Jordan et al. (2024), Muon: An Optimizer for Hidden Layers in Neural Networks",
        "https://kellerjordan.github.io/posts/muon/",
        needs=("mini-batches",),
        excludes=("adamw", "schedule-free", "micro-vit"),
    ),
    Tweak(
        "schedule-free",
        {"optimizer": "schedule-free", "learning_rate": 2e-3, "schedule": "constant"},
        "schedule-free AdamW",
        "an average of the steps in place of a falling learning rate",
        "Defazio et al. (2024), The Road Less Scheduled",
        "https://arxiv.org/abs/2405.15682",
        needs=("mini-batches",),
        excludes=("adamw", "cosine", "one-cycle", "ema", "swa", "micro-vit"),
        package="schedulefree",
    ),
    Tweak(
        "sam",
        {"sharpness": 0.05},
        "sharpness-aware minimization",
        "each step is taken by the gradient of the worst place nearby",
        "Foret et al. (2020), Sharpness-Aware Minimization for Efficiently Improving Generalization",
        "https://arxiv.org/abs/2010.01412",
        needs=("mini-batches",),
    ),
    Tweak(
        "cosine",
        {"schedule": "cosine", "final_learning_rate": 0.0, "warm_up": 2.0},
        "a cosine schedule",
        "after two epochs of warm-up the learning rate falls to 0 along half a cosine",
        "Loshchilov and Hutter (2016), SGDR: Stochastic Gradient Descent with Warm Restarts",
        "https://arxiv.org/abs/1608.03983",
        excludes=("one-cycle",),
    ),
    Tweak(
        "one-cycle",
        {"schedule": "one-cycle", "final_learning_rate": 0.0},
        "a one-cycle schedule",
        "the learning rate rises for three tenths of the training, then falls to 0",
        "Smith and Topin (2017), Super-Convergence",
        "https://arxiv.org/abs/1708.07120",
    ),
    Tweak(
        "warm-up",
        {"warm_up": 2.0},
        "a warm-up",
        "the learning rate rises from 0 for the first two epochs",
        "Goyal et al. (2017), Accurate, Large Minibatch SGD",
        "https://arxiv.org/abs/1706.02677",
    ),
    Tweak(
        "ema",
        {"averaging": "exponential", "averaging_epochs": 6.0},
        "an average of the weights",
        "the net that is measured is a running mean of the one that is trained",
        "Polyak and Juditsky (1992), Acceleration of Stochastic Approximation by Averaging",
        "https://doi.org/10.1137/0330046",
        FOLDS,
    ),
    Tweak(
        "swa",
        {"averaging": "tail", "averaging_epochs": lambda recipe: recipe.epochs / 4},
        "stochastic weight averaging",
        "the net that is measured is the plain mean of the last quarter of the training",
        "Izmailov et al. (2018), Averaging Weights Leads to Wider Optima and Better Generalization",
        "https://arxiv.org/abs/1803.05407",
        excludes=("ema",),
    ),
    Tweak(
        "orthogonal",
        {"initial_weights": "orthogonal"},
        "orthogonal initial weights",
        "each layer begins as a rotation; the uniform weights in +-2.4/sqrt(F) are He's (2015) but for 2 %",
        "Saxe, McClelland and Ganguli (2013), Exact Solutions to the Nonlinear Dynamics of Learning",
        "https://arxiv.org/abs/1312.6120",
        excludes=("micro-vit",),
    ),
    Tweak(
        "gelu",
        {"activation": "gelu"},
        "GELU",
        "a smooth ReLU",
        "Hendrycks and Gimpel (2016), Gaussian Error Linear Units",
        "https://arxiv.org/abs/1606.08415",
        excludes=("relu",),
    ),
    Tweak(
        "silu",
        {"activation": "silu"},
        "SiLU",
        "another smooth ReLU",
        "Elfwing, Uchibe and Doya (2017), Sigmoid-Weighted Linear Units",
        "https://arxiv.org/abs/1702.03118",
        excludes=("relu", "gelu"),
    ),
    Tweak(
        "no-dropout",
        {"dropout": 0.0},
        "no dropout any more",
        "a net this small, shown images that are always new, has too little room rather than too much",
        "Liu et al. (2023), Dropout Reduces Underfitting",
        "https://arxiv.org/abs/2303.01500",
        FOLDS,
        needs=("dropout",),
    ),
    Tweak(
        "longer",
        {"epochs": _at_least(400)},
        "400 epochs",
        "five times as long as 2022's, for what is always new is not learnt by heart",
        "Wightman, Touvron and Jegou (2021), ResNet Strikes Back",
        "https://arxiv.org/abs/2110.00476",
        FOLDS,
    ),
    # Other images and other targets.
    Tweak(
        "affine",
        {"rotation": 8.0, "shear": 6.0, "scaling": 0.1, "translation": 1.0, "shift": 0, "epochs": _at_least(60)},
        "affine distortions",
        "every example is turned, slanted, scaled and moved a little, in place of the essay's rolling",
        "LeCun, Bottou, Bengio and Haffner (1998), Gradient-Based Learning Applied to Document Recognition",
        "https://doi.org/10.1109/5.726791",
        FOLDS,
    ),
    Tweak(
        "elastic",
        {"elastic": 0.45, "epochs": _at_least(60)},
        "elastic distortions",
        "every example is bent as a hand would bend it",
        "Simard, Steinkraus and Platt (2003), Best Practices for Convolutional Neural Networks",
        "https://doi.org/10.1109/ICDAR.2003.1227801",
        FOLDS,
    ),
    Tweak(
        "deslant",
        {"window": 0.7857, "deslant": 1.0},
        "upright digits that fill the image",
        "before a stored image is brought to 16x16, slanted digits are set upright and three of 28 pixels are cut off "
        "on every side; images stored as 16x16 stay as they are",
        "LeCun, Bottou, Bengio and Haffner (1998), Gradient-Based Learning Applied to Document Recognition",
        "https://doi.org/10.1109/5.726791",
        FOLDS,
    ),
    Tweak(
        "erasing",
        {"erasing": 0.5, "epochs": _at_least(60)},
        "random erasing",
        "a rectangle of half of the examples is blank",
        "Zhong et al. (2017), Random Erasing Data Augmentation",
        "https://arxiv.org/abs/1708.04896",
    ),
    Tweak(
        "mixup",
        {"mixup": 0.2, "epochs": _at_least(60)},
        "mixup",
        "two images and their targets are mixed",
        "Zhang et al. (2017), mixup: Beyond Empirical Risk Minimization",
        "https://arxiv.org/abs/1710.09412",
        FOLDS,
        digits=2,
    ),
    Tweak(
        "cutmix",
        {"cutmix": 1.0, "epochs": _at_least(60)},
        "CutMix",
        "a part of one image is pasted into another, and so is its target",
        "Yun et al. (2019), CutMix",
        "https://arxiv.org/abs/1905.04899",
        excludes=("mixup",),
        digits=2,
    ),
    Tweak(
        "label-smoothing",
        {"label_smoothing": 0.05},
        "label smoothing",
        "one part in twenty of each target goes to all ten digits alike",
        "Szegedy et al. (2015), Rethinking the Inception Architecture for Computer Vision",
        "https://arxiv.org/abs/1512.00567",
        needs=("softmax",),
    ),
    Tweak(
        "distillation",
        {"distillation": 0.9, "teachers": 3},
        "distillation from an ensemble",
        "most of each target is what three nets of the same recipe, trained first on the same digits, read",
        "Hinton, Vinyals and Dean (2015), Distilling the Knowledge in a Neural Network",
        "https://arxiv.org/abs/1503.02531",
        needs=("softmax",),
    ),
)

TWEAKS: Final = {tweak.name: tweak for tweak in _TWEAKS}
