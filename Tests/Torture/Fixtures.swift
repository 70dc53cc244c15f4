import Foundation

/// Small inputs of every kind, and the commands that read each; `IN` is the input's name.
struct Fixture {
  let name: String
  /// How it is made; empty where its bytes are given.
  let command: String
  let bytes: [UInt8]
  /// Commands that read it, each with its output, if it has one.
  let readers: [(command: String, output: String?)]

  init(_ name: String, _ command: String, _ readers: [(command: String, output: String?)]) {
    self.name = name
    self.command = command
    bytes = []
    self.readers = readers
  }

  init(_ name: String, bytes: [UInt8], _ readers: [(command: String, output: String?)]) {
    self.name = name
    command = ""
    self.bytes = bytes
    self.readers = readers
  }

  /// A network with a convolution, batch normalisation and a dense layer.
  static let network = """
    {"name": "small", "input": [1, 28, 28], "outputs": 10, "layers": [
      {"name": "c", "type": "convolution", "outputs": 3, "kernel": 5, "stride": 4},
      {"name": "n", "type": "batch-norm"}, {"name": "r", "type": "relu"},
      {"name": "p", "type": "max-pool", "kernel": 2}, {"name": "f", "type": "flatten"},
      {"name": "d", "type": "dense", "outputs": 10}]}
    """

  static let all: [Fixture] = [
    Fixture(
      "data.h5", "nn-data synth digits --count 40 --seed 1 -o data.h5",
      [
        ("nn-train IN --model net.json --epochs 1 -b 20 -q -o out.h5", "out.h5"),
        ("nn-eval run.h5 --data IN -q", nil),
        ("bn-update mean.h5 --data IN -q -o out.h5", "out.h5"),
        ("nn-data select IN --rows :9 -o out.h5", "out.h5"),
        ("nn-data select IN --unlabelled -o out.h5", "out.h5"),
      ]),
    Fixture(
      "net.json", bytes: Array(network.utf8),
      [
        ("nn-train data.h5 --model IN --epochs 1 -b 20 -q -o out.h5", "out.h5")
      ]),
    Fixture(
      "run.h5",
      "nn-train data.h5 --model net.json --epochs 3 -b 20 --momentum 0.9 -q -o run.h5",
      [
        ("swa-avg IN -o out.h5", "out.h5"), ("swag-fit IN --rank 2 -q -o out.h5", "out.h5"),
        ("nn-convert IN -o out.h5", "out.h5"), ("nn-eval IN --data data.h5 -q", nil),
        ("nn-predict IN --data data.h5 -q -o out.h5", "out.h5"),
        ("subspace-pca IN --rank 1 -q -o out.h5", "out.h5"), ("weights-check IN", nil),
      ]),
    Fixture(
      "mean.h5", "swa-avg run.h5 -o mean.h5",
      [("bn-update IN --data data.h5 -q -o out.h5", "out.h5")]),
    Fixture(
      "swag.h5", "swag-fit run.h5 --rank 2 -q -o swag.h5",
      [
        ("swag-sample IN --samples 2 -q -o out.h5", "out.h5"),
        ("subspace-pca IN --rank 1 -q -o out.h5", "out.h5"),
      ]),
    Fixture(
      "space.h5", "subspace-pca run.h5 --rank 2 -q -o space.h5",
      [
        (
          "subspace-sample IN --data data.h5 --method grid --grid 2 --extent 1 -q -o out.h5",
          "out.h5"
        )
      ]),
    Fixture(
      "points.h5",
      "plane-sample 'run.h5[0]' 'run.h5[1]' 'run.h5[2]' --grid 2 -q -o points.h5",
      [
        ("swa-avg IN -o out.h5", "out.h5"), ("nn-convert IN -o out.h5", "out.h5"),
        ("weights-check IN", nil),
      ]),
    Fixture(
      "p.h5", "nn-predict run.h5 --data data.h5 --members -q -o p.h5",
      [
        ("calib-eval IN --metrics all -q", nil),
        ("calib-eval p.h5 --temperature-from IN -q -o out.h5", "out.h5"),
      ]),
    Fixture(
      "dict.safetensors", "nn-convert mean.h5 -o dict.safetensors",
      [
        ("swa-avg IN -o out.h5", "out.h5"), ("nn-convert IN -o out.npz", "out.npz"),
        ("weights-check IN", nil),
      ]),
    Fixture(
      "dict.npz", "nn-convert mean.h5 -o dict.npz",
      [
        ("swa-avg IN -o out.h5", "out.h5"), ("nn-convert IN -o out.safetensors", "out.safetensors"),
        ("nn-data npz IN --inputs d.bias -q -o out.h5", "out.h5"),
      ]),
    Fixture("zip.pt", bytes: checkpoint("plain"), checkpointReaders),
    Fixture("legacy.pt", bytes: checkpoint("nested-legacy"), checkpointReaders),
    Fixture(
      "table.csv", bytes: Array(table.utf8),
      [
        ("nn-data csv -q IN -o out.h5", "out.h5"),
        ("nn-data csv IN --categories one-hot --missing mean -q -o out.h5", "out.h5"),
        ("calib-eval --probabilities IN --targets labels.csv -q", nil),
      ]),
    Fixture(
      "labels.csv", bytes: Array("0\n1\n0\n".utf8),
      [
        ("calib-eval --probabilities table.csv --targets IN -q", nil),
        ("nn-data select data.h5 --rows-file IN -o out.h5", "out.h5"),
      ]),
    Fixture(
      "images.idx", bytes: images,
      [
        ("nn-data idx IN labels.idx -o out.h5", "out.h5")
      ]),
    Fixture(
      "labels.idx", bytes: labels,
      [
        ("nn-data idx images.idx IN -o out.h5", "out.h5")
      ]),
    Fixture(
      "table.npy", bytes: array,
      [
        ("calib-eval --probabilities IN --targets labels.csv -q", nil), ("weights-check IN", nil),
        ("nn-data npy IN -q -o out.h5", "out.h5"),
      ]),
    Fixture(
      "pictures.tar", bytes: PictureArchive.bytes,
      [
        ("nn-data images IN -q -o out.h5", "out.h5"),
        ("nn-data images IN --fit 5 --skip-bad -q -o out.h5", "out.h5"),
      ]),
  ]

  private static let checkpointReaders: [(command: String, output: String?)] = [
    ("swa-avg IN -q -o out.safetensors", "out.safetensors"),
    ("nn-convert IN -q -o out.h5", "out.h5"), ("weights-check IN", nil),
  ]

  /// A file of torch.save beside the tests of its readers; empty where the sources are not there.
  private static func checkpoint(_ name: String) -> [UInt8] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../TrajectoryFilesTests/Goldens/checkpoint-\(name).pt")
    return (try? Data(contentsOf: file)).map { [UInt8]($0) } ?? []
  }

  private static let table = "0.5,0.5\n0.25,0.75\n1,0\n"

  /// Five images of 4 × 4 in the format of MNIST, and their labels.
  private static let images: [UInt8] =
    [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 4] + (0..<80).map { UInt8($0 * 3) }
  private static let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 5, 0, 1, 2, 1, 0]

  /// Three rows of two probabilities in NumPy's format.
  private static let array: [UInt8] = {
    var head = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }"
    head += String(repeating: " ", count: 117 - head.count) + "\n"
    let numbers = [0.5, 0.5, 0.25, 0.75, 1, 0].flatMap { (x: Double) in
      (0..<8).map { UInt8(truncatingIfNeeded: x.bitPattern >> UInt64(8 * $0)) }
    }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(head.utf8) + numbers
  }()
}
