"""Nets in ONNX files that look at digits: the package rapidocr's two, and files of a user's, good and bad."""

import hashlib
import subprocess
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from math import prod
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional

from timetravel.digits import open_source
from timetravel.engine import recognizer
from timetravel.errors import DataError, TimetravelError

MODELS = Path(*find_spec("rapidocr").submodule_search_locations, "models")
WEIGHTS = np.random.default_rng(0).normal(size=(48, 5)).astype(np.float32)


@pytest.fixture(scope="module")
def reader():
    return recognizer.recognizer()


@pytest.fixture(scope="module")
def usps(data_root):
    return open_source("usps", data_root).test_digits()


def file(path, nodes, shape, kind=TensorProto.FLOAT, outputs=("y",), more=(), properties=()):
    """Write a graph of nodes (kind, inputs, outputs, settings) that reads x of a shape, and knows the weights w."""
    made = [helper.make_node(kind, reads, gives, **settings) for kind, reads, gives, settings in nodes]
    given = [helper.make_tensor_value_info("x", kind, shape), *more]
    told = [helper.make_empty_tensor_value_info(name) for name in outputs]
    held = {"w": WEIGHTS, "four": np.array([0, 4, -1]), "huge": np.array([10**6, 10**6, 10])}
    kept = [numpy_helper.from_array(value, name) for name, value in held.items()]
    model = helper.make_model(
        helper.make_graph(made, "g", given, told, kept), opset_imports=[helper.make_opsetid("", 17)], ir_version=9
    )
    helper.set_model_props(model, dict(properties))
    path.write_bytes(model.SerializeToString())
    return path


def pooled(axes):
    """Nodes that average a picture over two axes, and stretch what is left to 48 numbers for the weights."""
    return [
        ("Constant", [], ["ones"], {"value_floats": [1.0] * 48}),
        ("ReduceMean", ["x"], ["mean"], {"axes": axes, "keepdims": 0}),
        ("ReduceMean", ["mean"], ["one"], {"axes": [1], "keepdims": 1}),
        ("Mul", ["one", "ones"], ["inner"], {}),
        ("MatMul", ["inner", "w"], ["y"], {}),
    ]


@pytest.mark.slow
def test_the_reader_reads_the_digits_of_1989_untaught(reader, usps):
    assert (reader.look(usps.images)["likely"].argmax(axis=1) != usps.labels).sum() <= 50


@pytest.mark.slow
def test_a_hundred_digits_are_read_alike_each_time(reader, usps):
    found, again = (each.look(usps.images[:100]) for each in (reader, recognizer.recognizer()))
    likely, labels = found["likely"], usps.labels[:100]
    assert (likely.argmax(axis=1) == labels).sum() >= 97
    assert (found["free"] == labels).sum() >= 85
    assert (likely.shape, likely.dtype) == ((100, 10), np.float32)
    assert np.allclose(likely.sum(axis=1), 1, atol=1e-6)
    assert all(np.array_equal(found[name], again[name]) for name in ("features", "likely", "free"))


def test_without_zeros_at_the_right_other_probabilities_come_out(reader, usps):
    wide, narrow = (reader.look(usps.images[:40], widened=widened)["likely"] for widened in (True, False))
    assert (narrow.argmax(axis=1) == usps.labels[:40]).sum() >= 36
    assert abs(narrow - wide).max() > 0.01


@pytest.mark.parametrize(("height", "width"), [(48, 160), (48, 48), (64, 64), (32, 20)])
def test_pictures_are_drawn_as_torch_draws_them(few_mnist, height, width):
    images = few_mnist[1].images[:20]

    def resized(x, side):  # grey levels are whole after the rows, and after the columns
        for sides in ((x.shape[2], side), (side, side)):
            x = functional.interpolate(x, sides, mode="bicubic", antialias=True).round().clamp(0, 255)
        return x

    levels = torch.from_numpy(np.rint((1 - images[:, None]) * 127.5))
    side = min(height, width)
    drawn = resized(functional.pad(resized(levels, 40), (6, 6, 6, 6), value=255), side)
    expected = functional.pad((drawn / 255 - 0.5) / 0.5, (0, width - side, 0, height - side))
    found = recognizer.pictures(images, height, width)
    assert found.shape == (20, 1, height, width)
    assert abs(found - expected.numpy()).max() <= 2.01 / 127.5  # two grey levels, by rounding


def test_features_are_what_the_last_matrix_reads_on_average_over_time(reader, usps):
    model = onnx.load(MODELS / "PP-OCRv6_rec_small.onnx")
    place = max(place for place, node in enumerate(model.graph.node) if node.op_type == "MatMul")
    inner = model.graph.node[place].input[0]
    del model.graph.node[place:], model.graph.output[:]
    model.graph.output.append(helper.make_empty_tensor_value_info(inner))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    pictures = recognizer.pictures(usps.images[:40], 48, 160).repeat(3, axis=1)
    found = reader.look(usps.images[:40])["features"]
    assert (found.shape, found.dtype) == ((40, 120), np.float32)
    assert np.allclose(found, session.run(None, {"x": pictures})[0].mean(axis=1), atol=1e-3)
    assert np.array_equal(found, reader.look(usps.images[:40])["features"])


def multiply_adds(path, picture):
    """Count by the shapes of all that convolutions and products read and give while they run."""
    model = onnx.load(path)
    nodes = [node for node in model.graph.node if node.op_type in ("Conv", "MatMul", "Gemm")]
    told = sorted({name for node in nodes for name in (*node.input[:2], node.output[0])})
    del model.graph.output[:]
    model.graph.output.extend(map(helper.make_empty_tensor_value_info, told))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    shapes = dict(zip(told, map(np.shape, session.run(told, {"x": picture})), strict=True))
    return sum(
        prod(shapes[node.output[0]])
        * (prod(shapes[node.input[1]][1:]) if node.op_type == "Conv" else shapes[node.input[0]][-1])
        for node in nodes
    )


def test_facts_of_the_two_packaged_nets_hold(reader):
    for net, name, wide in (
        (reader, "PP-OCRv6_rec_small.onnx", (48, 160)),
        (recognizer.print_backbone(), "ch_ppocr_mobile_v2.0_cls_mobile.onnx", (64, 64)),
    ):
        path = MODELS / name
        assert net.digest == hashlib.sha256(path.read_bytes()).hexdigest()
        assert net.size == path.stat().st_size
        assert net.multiply_adds == multiply_adds(path, np.zeros((1, 3, *wide), dtype=np.float32))
        assert net.warning == ""
        assert "unknown" in net.trained_on
        assert net.licence.startswith("Apache-2.0")
        assert net.link.startswith("https://arxiv.org/abs/")
    weights = onnx.load(MODELS / "PP-OCRv6_rec_small.onnx").graph.initializer
    assert reader.parameters == sum(numpy_helper.to_array(each).size for each in weights if each.data_type == 1)


def test_the_net_for_print_has_features_too(usps):
    assert recognizer.print_backbone().look(usps.images[:5])["features"].shape == (5, 200)


@pytest.mark.parametrize("shape", [["n", 1, 20, 20], [4, 3, "h", "w"], ["n", "h", "w", 1], [1, 24, 24, 3]])
def test_a_users_net_of_any_usual_input_is_run(tmp_path, few_mnist, shape):
    images = few_mnist[1].images[:10]
    last = shape[3] in (1, 3)
    side = 64 if "h" in shape else shape[2]
    net = recognizer.backbone(file(tmp_path / "mine.onnx", pooled([1, 2] if last else [2, 3]), shape))
    assert (net.name, net.parameters, net.multiply_adds) == ("mine", WEIGHTS.size, None)
    found = net.look(images)["features"]
    means = recognizer.pictures(images, side, side).mean(axis=(1, 2, 3))
    assert np.allclose(found, means[:, None].repeat(48, axis=1), atol=1e-5)


def test_of_a_users_reader_only_what_it_sees_is_asked_for(tmp_path, few_mnist):
    path = file(tmp_path / "reader.onnx", pooled([2, 3]), ["n", 1, 20, 20], properties={"character": "a\nb\n1"})
    assert set(recognizer.backbone(path).look(few_mnist[1].images[:4])) == {"features"}


def test_without_a_matrix_the_outputs_are_flattened(tmp_path, few_mnist):
    nodes = [("AveragePool", ["x"], ["y"], {"kernel_shape": [8, 8], "strides": [8, 8]})]
    net = recognizer.backbone(file(tmp_path / "pool.onnx", nodes, ["n", 1, 32, 32]))
    found = net.look(few_mnist[1].images[:40])["features"]
    expected = recognizer.pictures(few_mnist[1].images[:40], 32, 32).reshape(40, 4, 8, 4, 8).mean(axis=(2, 4))
    assert np.allclose(found, expected.reshape(40, 16), atol=1e-5)


IDENTITY = [("Identity", ["x"], ["y"], {})]
SECOND = [helper.make_tensor_value_info("x2", TensorProto.FLOAT, ["n", 1, 16, 16])]
SEQUENCE = [helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None)]
BAD = {
    "another type": (IDENTITY, ["n", 1, 16, 16], {"kind": TensorProto.INT64}, r"it takes tensor\(int64\)"),
    "a text": (IDENTITY, ["n"], {"kind": TensorProto.STRING}, r"it takes tensor\(string\)"),
    "a row": (IDENTITY, ["n", 256], {}, r"it takes tensor\(float\) \['n', 256\]"),
    "four channels": (IDENTITY, ["n", 4, 16, 16], {}, "it takes"),
    "two inputs": ([("Add", ["x", "x2"], ["y"], {})], ["n", 1, 16, 16], {"more": SECOND}, r"it takes .*, tensor"),
    "a sequence": ([("SequenceLength", ["s"], ["y"], {})], ["n", 1, 16, 16], {"more": SEQUENCE}, r"seq\(tensor"),
    "one for all": ([("ReduceMean", ["x"], ["y"], {})], ["n", 1, 16, 16], {}, "4 of them give y of shape"),
    "no such layer": ([("Dream", ["x"], ["y"], {})], ["n", 1, 16, 16], {}, "Dream"),
    "it fails": ([("MatMul", ["x", "w"], ["y"], {})], ["n", 1, "h", "w"], {}, "can't read digits"),
    "no numbers": ([("Log", ["x"], ["y"], {})], ["n", 1, 16, 16], {}, "all finite"),
    "too many": (IDENTITY, ["n", 3, 128, 128], {}, "49,152 numbers"),
}


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("which", BAD)
def test_a_file_that_takes_or_gives_something_else_is_refused_in_a_line(tmp_path, few_mnist, which):
    nodes, shape, more, told = BAD[which]
    path = file(tmp_path / "bad.onnx", nodes, shape, **more)
    with pytest.raises(DataError, match=told) as caught:
        recognizer.backbone(path).look(few_mnist[1].images[:4])["features"]
    assert "\n" not in str(caught.value)
    assert "n, 1 or 3, height, width" in caught.value.hint


def test_weights_in_another_file_are_refused(tmp_path):
    path = file(tmp_path / "outside.onnx", pooled([2, 3]), ["n", 1, 16, 16])
    settings = {"save_as_external_data": True, "location": "outside.data", "size_threshold": 0}
    onnx.save_model(onnx.load(path), path, **settings)
    with pytest.raises(DataError, match="external_data=False"):
        recognizer.backbone(path)


def test_a_net_that_needs_too_much_memory_is_no_crash(tmp_path, few_mnist):
    nodes = [
        ("ReduceMean", ["x"], ["one"], {"axes": [1, 2, 3], "keepdims": 0}),
        ("ReduceMean", ["one"], ["mean"], {"axes": [0], "keepdims": 1}),
        ("Expand", ["mean", "huge"], ["y"], {}),
    ]
    net = recognizer.backbone(file(tmp_path / "huge.onnx", nodes, ["n", 1, 16, 16]))
    with pytest.raises(TimetravelError, match="not enough memory") as caught:
        net.look(few_mnist[1].images[:4])["features"]
    assert not isinstance(caught.value, DataError)


@pytest.mark.parametrize("content", [b"", b"no net at all", b"\x00" * 100, None])
def test_a_file_that_is_no_onnx_is_refused_in_a_line(tmp_path, content):
    path = tmp_path / "none.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"is no ONNX net that can be used|can't be read") as caught:
        recognizer.backbone(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match=r"is no ONNX net that can be used|can't be read"):
        recognizer.backbone(tmp_path)


@pytest.mark.parametrize("package", ["rapidocr", "onnx", "onnxruntime"])
def test_without_a_package_the_extra_is_named(monkeypatch, package):
    monkeypatch.setattr(recognizer.util, "find_spec", lambda name: None if name == package else find_spec(name))
    with pytest.raises(
        recognizer.MissingExtra, match=rf"{package}.*extra foundation.*pip install rapidocr onnxruntime onnx"
    ):
        recognizer.recognizer()


def packaged_in(folder, monkeypatch):
    """Let rapidocr seem to be installed in a folder."""
    spec = ModuleSpec("rapidocr", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(recognizer.util, "find_spec", lambda name: spec if name == "rapidocr" else find_spec(name))


def test_a_version_without_the_file_says_so(tmp_path, monkeypatch):
    packaged_in(tmp_path, monkeypatch)
    with pytest.raises(recognizer.MissingExtra, match=r"comes without PP-OCRv6_rec_small.onnx.*rapidocr==3.10.0"):
        recognizer.recognizer()


def test_other_weights_are_used_with_a_warning(tmp_path, monkeypatch, few_mnist):
    name = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"
    (tmp_path / "models").mkdir()
    model = onnx.load(MODELS / name)
    helper.set_model_props(model, {"made": "otherwise"})
    (tmp_path / "models" / name).write_bytes(model.SerializeToString())
    expected = recognizer.print_backbone()
    packaged_in(tmp_path, monkeypatch)
    found = recognizer.print_backbone()
    assert found.digest[:16] in found.warning
    assert expected.digest[:16] in found.warning
    assert found.digest != expected.digest
    assert found.multiply_adds is None
    assert np.array_equal(*(net.look(few_mnist[1].images[:4])["features"] for net in (found, expected)))


def test_importing_it_loads_nothing_heavy():
    told = "import sys, timetravel.engine.recognizer; print({'onnx', 'onnxruntime', 'PIL', 'cv2'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "set()\n"
