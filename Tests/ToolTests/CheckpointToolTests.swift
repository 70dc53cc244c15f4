import Foundation
import HDF5
import TestSupport
import Testing

/// Checkpoints of torch.save, as they lie on disk, in the tools.
@Suite struct CheckpointToolTests {
  let place = Workplace()

  private static let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../TrajectoryFilesTests/Goldens").standardizedFileURL.path

  private func golden(_ name: String) throws {
    place.write(
      "\(name).pt",
      try #require(
        FileManager.default.contents(atPath: "\(Self.goldens)/checkpoint-\(name).pt")))
  }

  private func tensors(_ name: String) throws -> [String: StateDictBuilder.Tensor] {
    try #require(StateDictBuilder.parse(place.bytes(name)), "\(name)").tensors
  }

  @Test func conversion() throws {
    for name in ["plain", "plain-legacy"] {
      try golden(name)
      place.succeeds("nn-convert \(name).pt --no-history -o \(name).safetensors")
    }
    place.succeeds("cmp plain.safetensors plain-legacy.safetensors")
    let all = try tensors("plain.safetensors")
    #expect(all["brain"]?.type == "BF16" && all["mask"]?.type == "BOOL")
    // Number k of an array that starts at s is (s + k) mod 61 less 30, in quarters.
    func number(_ k: Int) -> Float { Float(k % 61 - 30) / 4 }
    let channelsLast: [Float] = (0..<72).map { number($0) }
    #expect(all["conv.weight"]?.numbers(Float.self) == channelsLast)
    let transposed: [Float] = (0..<30).map { number(2 + 5 * ($0 % 6) + $0 / 6) }
    #expect(all["transposed"]?.numbers(Float.self) == transposed)
    place.succeeds("nn-convert plain.pt plain-legacy.pt -o run.h5")
  }

  @Test func averages() throws {
    try golden("several")
    try golden("nested")
    // 1 and 2 times the same weights: their mean is 1.5 times.
    place.succeeds("swa-avg several.pt:model several.pt:ema -o m.safetensors")
    place.succeeds("nn-convert several.pt:model -o one.safetensors")
    let (mean, one) = (try tensors("m.safetensors"), try tensors("one.safetensors"))
    #expect(
      mean.keys.sorted() == ["0.bias", "0.weight", "1.bias", "1.num_batches_tracked", "1.weight"])
    #expect(
      mean["0.weight"]?.numbers(Float.self) == one["0.weight"]?.numbers(Float.self).map { $0 * 1.5 }
    )
    // With and without the prefix of DataParallel; what was chosen is said, unless in quiet.
    let outcome = place.succeeds("swa-avg several.pt:model nested.pt -o n.safetensors")
    #expect(outcome.errors == "swa-avg: nested.pt: takes state_dict of it\n")
    #expect(try tensors("n.safetensors")["0.weight"] == one["0.weight"])
    #expect(place.succeeds("swa-avg -q nested.pt -o n.safetensors").errors.isEmpty)
    #expect(place.succeeds("cat nested.pt | swa-avg -q - -o p.safetensors").errors.isEmpty)
  }

  /// A dense layer as DataParallel names it, against the formula.
  @Test func networks() throws {
    try golden("dense")
    place.write(
      "tiny.json",
      """
      {"name": "tiny", "input": [3], "outputs": 2, "layers": [
        {"name": "0", "type": "dense", "outputs": 2}]}
      """)
    func number(_ k: Int) -> Double { Double(k % 61 - 30) / 4 }
    let inputs: [[Double]] = (0..<8).map { [0.25 * Double($0), -1, 0.5] }
    try place.dataset(
      "data.h5", inputs: inputs.joined().map { Float($0) }, shape: [8, 3],
      classes: (0..<8).map { $0 % 2 })
    place.succeeds("nn-predict dense.pt --data data.h5 --model tiny.json -q -o p.h5")
    let found = try HDF5File.open(place.file("p.h5")).dataset("probabilities").read(Double.self)
    for (row, x) in inputs.enumerated() {
      let outputs = (0..<2).map { unit in
        (0..<3).reduce(number(1 + unit)) { $0 + number(3 * unit + $1) * x[$1] }
      }
      #expect(abs(found[2 * row] - 1 / (1 + exp(outputs[1] - outputs[0]))) < 1e-6, "row \(row)")
    }
    place.succeeds(
      "nn-train data.h5 --model tiny.json --init dense.pt --epochs 1 --lr 1e-30 -q -o run.h5")
    let run = try HDF5File.open(place.file("run.h5"))
    #expect(try run.dataset("weights/0.weight").read(Double.self) == (0..<6).map(number))
  }

  /// A result would replace what a folder, or an index, leads to.
  @Test func foldersAsInputs() throws {
    try golden("several")
    place.succeeds("mkdir f && nn-convert several.pt:model -o f/model.safetensors")
    place.succeeds("ln -s f link && ln f/model.safetensors other.safetensors")
    for name in ["f/model.safetensors", "link/model.safetensors", "other.safetensors"] {
      for folder in ["f", "f/", "link", "./f"] {
        place.fails("swa-avg \(folder) -o \(name)", 73, "\(name): is an input")
      }
    }
    place.succeeds("swa-avg f -o f/mean.safetensors && swa-avg f -o f/mean.safetensors")
    place.succeeds("mkdir s && nn-convert f --max-shard-size 30 -o s/model.safetensors")
    let shard = "s/model-00001-of-00003.safetensors"
    #expect(place.exists(shard))
    place.fails("swa-avg s -o \(shard)", 73, "is an input")
    place.fails("swa-avg s/model.safetensors.index.json -o \(shard)", 73, "is an input")
    place.fails("cd s && swa-avg model.safetensors.index.json -o ../\(shard)", 73, "is an input")
    place.fails("subspace-pca f -o x.h5", 65, "one snapshot spans no subspace")
    place.fails("subspace-pca several.pt:ema -o x.h5", 65, "one snapshot spans no subspace")
    place.fails(
      "cat other.safetensors | subspace-pca -o x.h5", 65, "one snapshot spans no subspace")
  }

  @Test func refusals() throws {
    try golden("several")
    try golden("module")
    place.fails(
      "swa-avg several.pt -o m.safetensors", 65,
      "several.pt: holds several dictionaries of tensors: model (6 tensors), ema (6 tensors); name"
        + " one, as in 'several.pt:model'")
    place.fails(
      "swa-avg several.pt:none -o m.safetensors", 65, "several.pt: none: has no such key; it has")
    place.fails("swa-avg module.pt -o m.safetensors", 65, "save its state_dict() instead")
    place.fails(
      "swa-avg several.pt:model -o m.pt", 73,
      "m.pt: this would be an HDF5 file; give it another name than .pt: pickles are not written")
    place.fails("nn-convert several.pt:model -o m.pt", 64, "pickles are not written")
    place.fails("swa-avg several.pt:model -o several.pt", 73, "is an input")
    for name in ["m.tsv", "m.txt", "m.parquet", "m.CKPT"] {
      place.fails("swa-avg several.pt:model -o \(name)", 73, "\(name): this would be an HDF5 file")
    }
  }

  @Test func inspection() throws {
    try golden("several")
    try golden("nested-legacy")
    #expect(
      place.succeeds("weights-check several.pt").output.hasSuffix(
        "several.pt\tpt\t1\t1\t26\t62\t0\n"))
    #expect(place.succeeds("weights-check --list several.pt").output.contains("\tmodel.0.weight\t"))
    #expect(place.succeeds("weights-check --list several.pt:ema").output.contains("\t0.weight\t"))
    #expect(
      place.succeeds("weights-check --list nested-legacy.pt").output.contains("\tmodule.0.weight\t")
    )
    place.fails("weights-check several.pt:x", 65, "several.pt: x: has no such key")
    try golden("odd")
    #expect(
      place.succeeds("weights-check --list odd.pt").output.contains("\tf8\tfloat8e4m3\t[2]\t\t"))
  }
}
