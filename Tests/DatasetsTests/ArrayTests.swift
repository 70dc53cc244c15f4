import Files
import TestSupport
import Testing

@testable import Datasets

@Suite struct ArrayTests {
  let folder = Folder()

  @Test func pairsOfArrays() throws {
    let x = folder.write("x.npy", ArrayFiles.npy("|u1", [3, 2, 2], Array(0..<12)))
    let y = folder.write("y.npy", ArrayFiles.npy([3, 1], [2, 0, 1]))
    let images = try Dataset.npy(inputs: x, targets: y)
    #expect(images.inputs == .bytes(Array(0..<12)) && images.inputShape == [1, 2, 2])
    #expect(images.targets == .classes([2, 0, 1]) && images.classNames == ["0", "1", "2"])
    let numbers = try Dataset.npy(inputs: x, targets: y, kind: .regression)
    #expect(numbers.targets == .values([2, 0, 1], width: 1) && numbers.classNames.isEmpty)
    let f = folder.write("f.npy", ArrayFiles.npy([3, 2], [1, 2, 3, 4, 5, 6] as [Float]))
    let t = folder.write("t.npy", ArrayFiles.npy([3], [1, 0, 1] as [Float]))
    let table = try Dataset.npy(inputs: f, targets: t)
    #expect(table.inputs == .floats([1, 2, 3, 4, 5, 6]) && table.inputShape == [2])
    #expect(table.targets == .values([1, 0, 1], width: 1))
    #expect(table.targetsRemark()?.contains("--classification") == true)
    #expect(
      try Dataset.npy(inputs: f, targets: t, kind: .classification).targets == .classes([1, 0, 1]))
    let alone = try Dataset.npy(inputs: f, targets: nil)
    #expect(!alone.isLabelled && alone.count == 3 && alone.classNames.isEmpty)
    // Integers of any width are numbers where they are inputs.
    let wide = try Dataset.npy(inputs: y, targets: nil)
    #expect(wide.inputs == .floats([2, 0, 1]) && wide.inputShape == [1])
  }

  @Test func wrongArraysAreSaid() {
    let x = folder.write("x.npy", ArrayFiles.npy([2, 2], [1, 2, 3, 4] as [Float]))
    func words(_ y: [UInt8], kind: TargetKind = .asStored) -> String? {
      let path = folder.write("y.npy", y)
      return message { _ = try Dataset.npy(inputs: x, targets: path, kind: kind) }?
        .replacing(folder.path + "/", with: "")
    }
    #expect(words(ArrayFiles.npy([3], [1, 2, 3])) == "y.npy: shape [3], but there are 2 inputs")
    #expect(
      words(ArrayFiles.npy([2], [1, -1]))
        == "y.npy: example 1: -1 is not one of the classes 0…65535; --regression takes numbers")
    #expect(
      words(ArrayFiles.npy([2], [1, 0.5] as [Float]), kind: .classification)
        == "y.npy: example 1: 0.5 is not one of the classes 0…65535; --regression takes numbers")
    #expect(
      words(ArrayFiles.npy([2], [1, .nan] as [Float]))
        == "y.npy: example 1: nan is not a finite number")
    #expect(
      words(ArrayFiles.npy([2, 2], [1, 0, 0.5, 0.5] as [Float]), kind: .oneHot)?
        .hasSuffix("row 1 is not one 1 among zeros: the targets are not one-hot") == true)
    #expect(
      words(ArrayFiles.npy("<U1", [2], [65, 0, 0, 0, 66, 0, 0, 0]))?
        .hasSuffix("holds text, not numbers") == true)
    #expect(words(ArrayFiles.npy([2, 1, 1], [1, 2]))?.contains("neither [N] nor") == true)
    #expect(words(Array("hello".utf8))?.contains("is no NumPy array") == true)
    let bad = folder.write("x.npy", ArrayFiles.npy([2, 1], [1, .infinity] as [Float]))
    #expect(
      message { _ = try Dataset.npy(inputs: bad, targets: nil) }?
        .hasSuffix("inputs: example 1, number 0: inf is not a finite number (of float32)") == true)
    let empty = folder.write("e.npy", ArrayFiles.npy([0, 3], [] as [Float]))
    #expect(
      message { _ = try Dataset.npy(inputs: empty, targets: nil) }?
        .hasSuffix("shape [0, 3]: there are no examples") == true)
  }

  /// Names in use, with and without splits.
  @Test(
    arguments: [
      (["x", "y"], nil, "x", "y"),
      (["X", "y", "names"], nil, "X", "y"),
      (["y_train", "x_train"], nil, "x_train", "y_train"),
      (["x_train", "y_train", "x_test", "y_test"], "test", "x_test", "y_test"),
      (
        ["train_images", "train_labels", "val_images", "val_labels"], "val", "val_images",
        "val_labels"
      ),
      (["data", "target"], nil, "data", "target"),
      (["inputs", "targets"], nil, "inputs", "targets"),
      (["images"], nil, "images", nil),
      (["fold3_x", "fold3_y", "fold4_x"], "fold3", "fold3_x", "fold3_y"),
    ] as [([String], String?, String, String?)])
  func keys(_ names: [String], _ split: String?, _ inputs: String, _ targets: String?) throws {
    let one = ArrayFiles.npy([2, 1], [0, 1])
    let path = folder.write("a.npz", ArrayFiles.npz(names.map { ($0, one) }))
    let file = try PlainFile(path)
    let choice = try ArrayChoice(names, inputs: nil, targets: nil, split: split, file: file)
    #expect(choice.inputs == inputs && choice.targets == targets)
    #expect(try Dataset.npz(path, split: split).isLabelled == (targets != nil))
  }

  @Test func whatCouldBeMeantIsListed() {
    let one = ArrayFiles.npy([2, 1], [0, 1])
    func words(_ names: [String], _ split: String? = nil, inputs: String? = nil) -> String? {
      let path = folder.write("a.npz", ArrayFiles.npz(names.map { ($0, one) }))
      return message { _ = try Dataset.npz(path, inputs: inputs, split: split) }?
        .replacing(path + ": ", with: "")
    }
    #expect(
      words(["x_train", "y_train", "x_test", "y_test"])
        == "x_train, x_test could be the inputs; say which with --split or --inputs and --targets")
    #expect(
      words(["a", "b"])
        == "no array is named like inputs; say which of a, b with --inputs and --targets")
    #expect(words(["x_train"], "test")?.contains("no array is named like inputs of test") == true)
    #expect(
      words(["x", "y", "label"]) == "y, label could be the targets; say which with --targets")
    #expect(words(["x"], inputs: "z") == "has no array z; its arrays are x")
    let text = folder.write("t.npz", "hello")
    #expect(
      message { _ = try Dataset.npz(text) }
        == "\(text): is no NumPy archive (it looks like text)")
  }

  @Test func channelsMove() throws {
    let dataset = Dataset(
      name: "d", inputShape: [2, 4, 3], inputs: .bytes(Array(0..<48)), targets: .classes([0, 1]))
    #expect(dataset.looksChannelsLast)
    let moved = try dataset.movingChannelsFirst()
    #expect(moved.inputShape == [3, 2, 4] && !moved.looksChannelsLast)
    guard case .bytes(let bytes) = moved.inputs else { return #expect(Bool(false)) }
    for n in 0..<2 {
      for c in 0..<3 {
        for i in 0..<8 { #expect(bytes[n * 24 + c * 8 + i] == UInt8(n * 24 + i * 3 + c)) }
      }
    }
    for shape in [[3, 8, 8], [1, 8, 1], [8, 8, 5], [16, 3, 3], [8, 3]] {
      #expect(!Dataset.looksChannelsLast(shape), "\(shape)")
    }
    let flat = Dataset(
      name: "d", inputShape: [2], inputs: .floats([1, 2]), targets: .classes([0]))
    #expect(message { _ = try flat.movingChannelsFirst() }?.contains("three axes") == true)
  }

  @Test func oneHotBecomesClasses() throws {
    let dataset = Dataset(
      name: "d", inputShape: [1], inputs: .floats([5, 6, 7]),
      targets: .values([0, 1, 1, 0, 0, 1], width: 2))
    #expect(dataset.looksOneHot && dataset.targetsRemark()?.contains("--one-hot") == true)
    let classes = try dataset.takingOneHot()
    #expect(classes.targets == .classes([1, 0, 1]) && classes.classNames == ["0", "1"])
    #expect(!classes.looksOneHot && classes.trainingRemarks.isEmpty)
    for values: [Float] in [[0, 0, 1, 0, 0, 1], [1, 1, 1, 0, 0, 1], [0, 2, 1, 0, 0, 1]] {
      let other = Dataset(
        name: "d", inputShape: [1], inputs: .floats([5, 6, 7]), targets: .values(values, width: 2))
      #expect(!other.looksOneHot && other.targetsRemark() == nil)
    }
  }

  @Test func whatHasNoTargetsComesBack() throws {
    var dataset = Dataset(
      name: "d", inputShape: [1], inputs: .floats([5, 6, 7]), targets: .values([1, 2, 6], width: 1))
    dataset.computeConstants()
    dataset.featureNames = ["age"]
    dataset.exampleNames = ["α", "b\nc", "d/e.jpg"]
    let path = folder.file("d.h5")
    try dataset.unlabelled.write(to: path, history: nil)
    let back = try Dataset.read(path, anyTargets: true)
    #expect(!back.isLabelled && back.inputs == dataset.inputs && back.targetMean == [3])
    #expect(back.featureNames == ["age"] && back.exampleNames == dataset.exampleNames)
    #expect(
      message { _ = try Dataset.read(path) }
        == "\(path): has no targets; only predictions and statistics are made without")
    let part = try DatasetFile(path, mayLackTargets: true).read(rows: [2, 0])
    #expect(!part.isLabelled && part.inputs == .floats([7, 5]))
    #expect(part.exampleNames == ["d/e.jpg", "α"] && part.featureNames == ["age"])
  }
}
