import HDF5
import TestSupport
import Testing

@testable import Datasets

@Suite struct DatasetFileTests {
  static func sample() -> Dataset {
    var dataset = BatchLoaderTests.images(11)
    dataset.classNames = ["α", "b", "c", "d"]
    return dataset
  }

  @Test(arguments: [nil, 1])
  func imagesComeBack(compress: Int?) throws {
    let folder = Folder()
    let path = folder.path + "/d.h5"
    let dataset = Self.sample()
    try dataset.write(to: path, history: ["second", "first"], compress: compress)
    let back = try Dataset.read(path)
    #expect(back.inputs == dataset.inputs && back.targets == dataset.targets)
    #expect(back.inputShape == [3, 5, 7] && back.classNames == dataset.classNames)
    #expect(back.inputMean == dataset.inputMean && back.inputStd == dataset.inputStd)
    #expect(back.history == ["second", "first"] && back.name == path)
    let bytes = try fileBytes(path)
    try dataset.write(to: path, history: ["second", "first"], compress: compress)
    #expect(try fileBytes(path) == bytes)
  }

  @Test func regressionsComeBack() throws {
    let folder = Folder()
    let path = folder.path + "/r.h5"
    var dataset = Dataset(
      name: "r", inputShape: [2], inputs: .floats([1, 2, 3, 4]),
      targets: .values([5, 6, 7, 9], width: 2))
    dataset.computeConstants()
    try dataset.write(to: path, history: nil)
    let back = try Dataset.read(path)
    #expect(back.inputs == dataset.inputs && back.targets == dataset.targets)
    #expect(back.targetMean == [6, 7.5] && back.targetStd == [1, 1.5])
    #expect(back.history.isEmpty && back.outputCount == 2 && back.classCount == 0)
  }

  /// Files as h5py writes them.
  func bare(
    _ folder: Folder, inputs: [Int] = [4, 2], type: ElementType = .float64,
    _ make: (HDF5File) throws -> Void
  ) throws -> String {
    let path = folder.path + "/bare.h5"
    let file = try HDF5File.create(path)
    let dataset = try file.createDataset("inputs", type: type, shape: inputs)
    try dataset.write((0..<inputs.reduce(1, *)).map { Double($0) })
    try make(file)
    try file.close()
    return path
  }

  @Test func bareFilesAreRead() throws {
    let folder = Folder()
    var path = try bare(folder) {
      try $0.createDataset("targets", type: .int64, shape: [4]).write([3, 0, 1, 3] as [Int64])
    }
    var dataset = try Dataset.read(path)
    #expect(dataset.inputs == .floats([0, 1, 2, 3, 4, 5, 6, 7]))
    #expect(dataset.targets == .classes([3, 0, 1, 3]))
    #expect(dataset.classCount == 4 && dataset.classNames.isEmpty && dataset.inputMean.isEmpty)
    path = try bare(folder, inputs: [4, 2, 3], type: .uint8) {
      try $0.createDataset("targets", type: .int64, shape: [4, 1]).write([1, 0, 1, 1] as [Int64])
    }
    dataset = try Dataset.read(path)
    #expect(dataset.inputShape == [1, 2, 3] && dataset.targets == .classes([1, 0, 1, 1]))
    path = try bare(folder, inputs: [4], type: .int32) {
      try $0.createDataset("targets", type: .float64, shape: [4, 1]).write([1, 0.5, 1, 1])
    }
    dataset = try Dataset.read(path)
    #expect(dataset.inputShape == [1] && dataset.targets == .values([1, 0.5, 1, 1], width: 1))
  }

  @Test func wrongFilesAreSaid() throws {
    let folder = Folder()
    func words(_ make: (HDF5File) throws -> Void) throws -> String? {
      let path = try bare(folder, make)
      return message { _ = try Dataset.read(path) }?.replacing(path, with: "F")
    }
    func labels(_ values: [Double], _ file: HDF5File) throws {
      try file.createDataset("targets", type: .int64, shape: [values.count]).write(values)
    }
    #expect(
      try words { _ in } == "F: has no targets; only predictions and statistics are made without")
    #expect(
      try words {
        try $0.setAttribute("format", "weightspace")
        try $0.setAttribute("kind", "trajectory")
        try labels([0, 0, 0, 0], $0)
      } == "F: is a trajectory file, not a data set")
    // What others mean by the word is theirs.
    #expect(
      try words {
        try $0.setAttribute("kind", "train")
        try labels([0, 0, 0, 0], $0)
      } == nil)
    #expect(try words { try labels([0, 1, 2], $0) } == "F: targets: 3 targets for 4 inputs")
    #expect(
      try words { try labels([0, 1, -1, 0], $0) }
        == "F: targets: example 2: class -1 is not one of 0…65535")
    #expect(
      try words {
        try $0.setAttribute("classes", ["a", "b"])
        try labels([0, 1, 2, 0], $0)
      } == "F: targets: example 2: class 2 is not one of 0…1")
    #expect(
      try words {
        try $0.setAttribute("input_mean", [1.0, 2, 3])
        try labels([0, 1, 2, 0], $0)
      } == "F: attribute input_mean has 3 numbers, but inputs need 2")
    #expect(
      try words {
        try $0.setAttribute("input_std", [1.0, 0])
        try labels([0, 1, 2, 0], $0)
      } == "F: attribute input_std must be positive")
    #expect(
      try words {
        try $0.createDataset("targets", type: .float32, shape: [4]).write([1, 2, .nan, 1])
      } == "F: targets: example 2: nan is not a finite number")
    let path = try bare(folder, inputs: [4, 2]) { try labels([0, 1, 2, 0], $0) }
    let file = try HDF5File.open(path, writable: true)
    try file.dataset("inputs").write([0, 1, 2, 3, 4, .infinity, 6, 7])
    try file.close()
    #expect(
      message { _ = try Dataset.read(path) }
        == "\(path): inputs: example 2: inf is not a finite number")
  }

  @Test func nothingIsLeftOfAFailedWrite() throws {
    let folder = Folder()
    #expect(message { try Self.sample().write(to: folder.path + "/no/d.h5", history: nil) } != nil)
    #expect(message { try Self.sample().write(to: folder.path, history: nil) } != nil)
  }

  @Test func constantsAreShared() throws {
    var train = BatchLoaderTests.images(20)
    train.computeConstants()
    var test = BatchLoaderTests.images(5)
    try test.takeConstants(from: train)
    #expect(test.inputMean == train.inputMean && test.inputStd == train.inputStd)
    var other = BatchLoaderTests.images(5, shape: [1, 5, 7])
    #expect(message { try other.takeConstants(from: train) }?.contains("shape [3, 5, 7]") == true)
  }

  /// Two passes in Double over the definition, for bytes and floats alike.
  @Test func constantsAreMeanAndDeviation() throws {
    var bytes = BatchLoaderTests.images(17)
    bytes.computeConstants()
    guard case .bytes(let elements) = bytes.inputs else { throw Unexpected(bytes.inputs) }
    var floats = Dataset(
      name: "f", inputShape: bytes.inputShape, inputs: .floats(elements.map { Float($0) }),
      targets: bytes.targets)
    floats.computeConstants()
    for c in 0..<3 {
      let values = (0..<17).flatMap { n in
        (0..<35).map { Double(elements[(n * 3 + c) * 35 + $0]) / 255 }
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
      #expect(abs(Double(bytes.inputMean[c]) - mean) < 1e-7)
      #expect(abs(Double(bytes.inputStd[c]) - variance.squareRoot()) < 1e-7)
      #expect(abs(Double(floats.inputStd[c]) - 255 * variance.squareRoot()) < 1e-4)
    }
    var constant = Dataset(
      name: "c", inputShape: [1], inputs: .floats([3, 3, 3]), targets: .classes([0, 0, 0]))
    constant.computeConstants()
    #expect(constant.inputMean == [3] && constant.inputStd == [1])
  }

  /// Rows from the file are those of the whole, and no others are looked at.
  @Test func rowsOfAFile() throws {
    let folder = Folder()
    let path = folder.file("a.h5")
    let whole = Self.sample()
    try whole.write(to: path, history: nil)
    let file = try DatasetFile(path)
    #expect(file.labels.targets == whole.targets && file.labels.count == whole.count)
    for rows in [[9, 2], Array(0..<11), [10], [3, 4, 5, 0]] {
      let part = try file.read(rows: rows)
      let expected = whole.selecting(rows)
      #expect(part.inputs == expected.inputs && part.targets == expected.targets)
      #expect(part.inputMean == whole.inputMean && part.inputShape == whole.inputShape)
    }
    let bad = folder.file("b.h5")
    let numbers = try HDF5File.create(bad)
    try numbers.createDataset("inputs", type: .float32, shape: [3, 2]).write(
      [0, 1, 2, .nan, 4, 5] as [Float])
    try numbers.createDataset("targets", type: .int32, shape: [3]).write([0, 1, 0] as [Int32])
    try numbers.close()
    #expect(try DatasetFile(bad).read(rows: [2, 0]).inputs == .floats([4, 5, 0, 1]))
    #expect(
      message { _ = try DatasetFile(bad).read(rows: [0, 1]) }?
        .contains("example 1: nan is not a finite number") == true)
  }

  @Test func selections() throws {
    let dataset = Self.sample()
    let part = dataset.selecting([9, 2])
    #expect(part.targets == .classes([1, 2]) && part.inputMean == dataset.inputMean)
    guard case .bytes(let bytes) = part.inputs, case .bytes(let all) = dataset.inputs else {
      return
    }
    #expect(bytes == Array(all[945..<1050] + all[210..<315]))
    let rows = Array(0..<11)
    #expect(dataset.rows(rows, ofClasses: [3, 0]) == [0, 3, 4, 7, 8])
    #expect(dataset.rows(rows, perClass: 2) == [0, 1, 2, 3, 4, 5, 6, 7])
    let two = dataset.selecting([0, 3, 4]).renumbering(classes: [3, 0])
    #expect(two.targets == .classes([1, 0, 1]) && two.classNames == ["d", "α"])
    #expect(try dataset.classNumbers("d,0") == [3, 0])
    #expect(message { _ = try dataset.classNumbers("4") } == "images: there is no class '4'")
    #expect(message { _ = try dataset.classNumbers("b,1") } == "images: class '1' is named twice")
  }
}
