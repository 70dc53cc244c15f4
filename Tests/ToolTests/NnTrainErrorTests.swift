import Foundation
import HDF5
import Testing

/// Bad input for nn-train: one clear line, the documented status, nothing left behind.
@Suite struct NnTrainErrorTests {
  let place = Workplace()

  @Test func dropoutWithoutLayers() {
    place.makeDigits()
    place.write(
      "plain.json",
      #"{"name": "plain", "input": [1, 28, 28], "outputs": 10, "layers": [{"name": "flat", "#
        + #""type": "flatten"}, {"name": "fc", "type": "dense", "outputs": 10}]}"#)
    place.fails(
      "nn-train train.h5 --model plain.json --dropout 0.1 -q -o run.h5", 64,
      "plain has no dropout layers")
    place.succeeds("nn-train train.h5 --model plain.json --dropout 0 --epochs 1 -q -o run.h5")
  }

  @Test func filesThatAreNone() throws {
    place.makeDigits(train: 20, test: 10)
    let rest = "--model mlp:4 --epochs 1 -q -o out.h5"
    place.fails("nn-train none.h5 \(rest)", 66, "nn-train: none.h5: no such file\n")
    place.fails("nn-train . \(rest)", 65, "is a directory")
    place.write("empty.h5", "")
    place.fails("nn-train empty.h5 \(rest)", 65, "empty.h5: is empty")
    place.write("cut.h5", place.bytes("train.h5").prefix(4000))
    place.fails("nn-train cut.h5 \(rest)", 65, "cut.h5: truncated HDF5 file")
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 1 -q -o run.h5")
    place.fails("nn-train run.h5 \(rest)", 65, "run.h5: is a trajectory file, not a data set")
    place.fails("nn-train train.h5 --validation run.h5 \(rest)", 65, "not a data set")
    place.fails("nn-train train.h5 --validation none.h5 \(rest)", 66, "none.h5: no such file")
    place.fails("nn-train train.h5 --init none.h5 \(rest)", 66, "none.h5: no such file")
    place.fails("nn-train train.h5 --init test.h5 \(rest)", 65, "test.h5: holds dataset")
    place.fails("nn-train train.h5 --model none.json -q -o out.h5", 66, "none.json")
    place.fails("nn-train train.h5 --model . -q -o out.h5", 65, "no network is called \".\"")
    for option in ["", "--init run.h5", "--validation test.h5"] {
      let name = option.isEmpty ? "train.h5" : option.split(separator: " ")[1]
      place.fails(
        "nn-train train.h5 --model mlp:4 \(option) --overwrite -q -o ./\(name)", 73, "is an input")
    }
    place.succeeds("mkdir folder.json")
    place.fails("nn-train train.h5 --model folder.json -q -o out.h5", 65, "folder.json")
  }

  @Test func dataThatDoNotFit() throws {
    place.makeDigits(train: 20, test: 10)
    let rest = "--epochs 1 -q -o out.h5"
    place.fails("nn-train train.h5 --model preresnet20 \(rest)", 65, "32×32")
    place.fails("nn-train train.h5 --model mlp:1000000000 \(rest)", 65, "GiB")
    place.fails("nn-train train.h5 --model resnet20 \(rest)", 65, "no network is called")
    place.succeeds("nn-data select test.h5 --classes 7,8,9 --keep-labels -o high.h5")
    place.write(
      "three.json",
      #"{"name": "x", "input": [1, 28, 28], "outputs": 3, "layers": ["#
        + #"{"name": "f", "type": "flatten"}, {"name": "fc", "type": "dense", "outputs": 3}]}"#)
    place.fails("nn-train high.h5 --model three.json \(rest)", 65, "has 3 outputs")
    place.succeeds("nn-data synth sinusoid -o sine.h5")
    place.fails("nn-train train.h5 --validation sine.h5 --model lenet5 \(rest)", 65, "sine.h5")
    place.fails("nn-train sine.h5 --model lenet5 \(rest)", 65, "images")
    place.fails("nn-train sine.h5 --model mlp:4 --augment flip \(rest)", 64, "--augment")
    place.fails("nn-train sine.h5 --model mlp:4 --loss cross-entropy \(rest)", 65, "classes")
    place.fails("nn-train train.h5 --model mlp:4 --loss gaussian \(rest)", 65, "real numbers")
    try place.dataset("nan.h5", inputs: [1, .nan], shape: [2, 1], classes: [0, 1])
    place.fails("nn-train nan.h5 --model mlp:4 \(rest)", 65, "not a finite number")
    try place.dataset("negative.h5", inputs: [1, 2], shape: [2, 1], classes: [0, -1])
    place.fails("nn-train negative.h5 --model mlp:4 \(rest)", 65, "class -1")
    try place.dataset("none.h5", inputs: [], shape: [0, 3], classes: [])
    place.fails("nn-train none.h5 --model mlp:4 \(rest)", 65, "no examples")
    for rate in ["1e30 -b 5 -e 2", "1e300"] {
      place.fails(
        "nn-train train.h5 --model mlp:4 \(rest) --lr \(rate)", 65, "training diverged in epoch")
    }
  }

  @Test func weightsThatDoNotFit() throws {
    place.makeDigits(train: 20, test: 10)
    place.succeeds("nn-train train.h5 --model lenet5 --epochs 1 -q -o run.h5")
    place.fails(
      "nn-train train.h5 --model mlp:4 --init run.h5 -q -o out.h5", 65, "run.h5: weights/model.")
    try place.stateDict("dict.h5", from: "run.h5", snapshot: 0)
    place.fails("nn-train train.h5 --init dict.h5 -q -o out.h5", 65, "--model")
    let file = try HDF5File.open(place.file("dict.h5"), writable: true)
    try file.dataset("fc_part.2.bias").write([Float](repeating: .nan, count: 10))
    try file.close()
    place.fails(
      "nn-train train.h5 --init dict.h5 --model lenet5 -q -o out.h5", 65, "dict.h5: fc_part.2.bias")
  }

  @Test(arguments: [
    ("", "--model"), ("--model lenet5 --unknown", "unknown option '--unknown'"),
    ("--model lenet5 --epochs 0", "--epochs"), ("--model lenet5 --epochs x", "--epochs"),
    ("--model lenet5 --epochs 9223372036854775807", "--epochs"),
    ("--model lenet5 --batch-size 0", "--batch-size"), ("--model lenet5 --lr 0", "learning rate"),
    ("--model lenet5 --lr nan", "learning rate"), ("--model lenet5 --lr inf", "learning rate"),
    ("--model lenet5 --momentum 1", "momentum"), ("--model lenet5 --momentum nan", "momentum"),
    ("--model lenet5 --wd=-1", "weight decay"), ("--model lenet5 --optimizer adan", "--optimizer"),
    ("--model lenet5 --optimizer adamw --nesterov", "--nesterov"),
    ("--model lenet5 --momentum 0 --nesterov", "momentum"),
    ("--model lenet5 --schedule step", "--milestones"),
    ("--model lenet5 --schedule step --milestones ''", "--milestones"),
    ("--model lenet5 --schedule step --milestones 3,x", "--milestones"),
    ("--model lenet5 --schedule step --milestones 3,,4", "--milestones"),
    ("--model lenet5 --schedule step --milestones 0", "milestones"),
    ("--model lenet5 --schedule step --milestones=-3", "milestones"),
    ("--model lenet5 --schedule step --milestones 99999999999999999999", "--milestones"),
    ("--model lenet5 --milestones 3", "--schedule step"),
    ("--model lenet5 --schedule step --milestones 2 --gamma 0", "gamma"),
    ("--model lenet5 --gamma 0.5", "--schedule step"),
    ("--model lenet5 --schedule cyclic --cycle 3", "cycle"),
    ("--model lenet5 --schedule cyclic --lr 0.1 --lr-min 0.2", "lowest"),
    ("--model lenet5 --cycle 2", "--schedule cyclic"),
    ("--model lenet5 --schedule swa --swa-start 99", "SWA start"),
    ("--model lenet5 --schedule swa --swa-lr 0", "SWA"),
    ("--model lenet5 --schedule cosine --t0 0", "period"),
    ("--model lenet5 --schedule cosine --t-mult 0", "period"),
    ("--model lenet5 --warmup 99", "warm-up"), ("--model lenet5 --warmup=-1", "warm-up"),
    ("--model lenet5 --snapshot-every 0", "--snapshot-every"),
    ("--model lenet5 --snapshot-every 2 --snapshots-per-epoch 2", "exclude"),
    ("--model lenet5 --snapshot-at cycle-end", "--schedule cyclic or cosine"),
    ("--model lenet5 --snapshot-from 99", "no snapshot"),
    ("--model lenet5 --resume --overwrite", "exclude"),
    ("--model lenet5 --dropout 1", "--dropout"), ("--model lenet5 --dropout nan", "--dropout"),
    ("--model lenet5 --augment flop", "flop"), ("--model lenet5 --seed -1", "--seed"),
    ("--model lenet5 -@ 0", "--threads"), ("--model lenet5 --threads 100000", "--threads"),
    ("--model lenet5 --loss l1", "--loss"),
  ])
  func usage(_ options: String, _ message: String) throws {
    place.makeDigits(train: 2, test: 1)
    place.fails("nn-train train.h5 \(options) -q -o out.h5", 64, message)
  }

  /// A user's own architecture with a mistake: the file and the layer are named.
  @Test func architectures() throws {
    place.makeDigits(train: 2, test: 1)
    for (json, message) in [
      ("", "own.json: "), ("{", "own.json: "),
      (
        Workplace.smallNetwork.replacingOccurrences(of: "\"kernel\": 2", with: "\"kernel\": 99"),
        "layer pool"
      ),
      (
        Workplace.smallNetwork.replacingOccurrences(of: "batch-norm", with: "batchnorm"),
        "layers.1.type"
      ),
      (
        Workplace.smallNetwork.replacingOccurrences(of: "\"stride\"", with: "\"strides\""),
        "strides"
      ),
      (Workplace.smallNetwork.replacingOccurrences(of: "\"flat\"", with: "\"pool\""), "pool"),
    ] {
      place.write("own.json", json)
      place.fails("nn-train train.h5 --model own.json -q -o out.h5", 65, message)
    }
  }
}
