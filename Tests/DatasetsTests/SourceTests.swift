import TestSupport
import Testing

@testable import Datasets

@Suite struct SourceTests {
  static func idx(_ type: UInt8, _ shape: [Int], _ elements: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, type, UInt8(shape.count)]
    for extent in shape {
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: extent >> (24 - 8 * $0)) }
    }
    return bytes + elements
  }

  @Test func idxPairsPlainAndGzipped() throws {
    let folder = Folder()
    let images = folder.write("i", Self.idx(8, [2, 2, 3], Array(0..<12)))
    let labels = folder.write("l", Self.idx(8, [2], [3, 1]))
    let dataset = try Dataset.idx([(images, labels)])
    #expect(dataset.count == 2 && dataset.inputShape == [1, 2, 3])
    #expect(dataset.inputs == .bytes(Array(0..<12)))
    #expect(dataset.targets == .classes([3, 1]))
    #expect(dataset.classNames == ["0", "1", "2", "3"])
    let zipped = try Dataset.idx([
      (folder.gzipped(images), folder.gzipped(labels)), (images, labels),
    ])
    #expect(zipped.inputs == .bytes(Array(0..<12) + Array(0..<12)))
    #expect(zipped.targets == .classes([3, 1, 3, 1]))
  }

  @Test func idxOfOtherTypes() throws {
    let folder = Folder()
    let floats = folder.write("f", Self.idx(0x0D, [1, 2], [0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0]))
    let labels = folder.write("l", Self.idx(0x0C, [1], [0, 0, 0, 2]))
    let dataset = try Dataset.idx([(floats, labels)])
    #expect(dataset.inputs == .floats([1.5, -2]) && dataset.inputShape == [2])
    #expect(dataset.targets == .classes([2]))
  }

  @Test func idxErrors() throws {
    let folder = Folder()
    let images = folder.write("i", Self.idx(8, [2, 2, 2], Array(0..<8)))
    let labels = folder.write("l", Self.idx(8, [2], [0, 1]))
    let three = folder.write("t", Self.idx(8, [3], [0, 1, 2]))
    let cut = folder.write("c", Self.idx(8, [2, 2, 2], Array(0..<7)))
    let long = folder.write("x", Self.idx(8, [2, 2, 2], Array(0..<9)))
    let text = folder.write("text", "hello, world")
    func words(_ images: String, _ labels: String) -> String? {
      message { _ = try Dataset.idx([(images, labels)]) }?
        .replacing(folder.path + "/", with: "")
    }
    #expect(words(labels, images) == "l: holds labels: give the images first, then the labels")
    #expect(
      words(images, three)
        == "t: 3 labels, but \(images) has 2 images".replacing(folder.path + "/", with: ""))
    #expect(words(cut, labels) == "c: is cut off: 7 bytes for shape [2, 2, 2]")
    #expect(words(long, labels) == "x: has more than its header says: 9 bytes for shape [2, 2, 2]")
    #expect(words(text, labels) == "text: is not an idx file (it looks like text)")
    let none = folder.write("z", Self.idx(8, [2, 0, 28], []))
    #expect(words(none, labels) == "z: shape [2, 0, 28] holds nothing")
    #expect(words(folder.path + "/none", labels) == "none: no such file or directory")
    #expect(words(folder.path, labels)?.hasSuffix("is a directory") == true)
    #expect(words(folder.write("e", []), labels) == "e: is empty")
  }

  /// What unpacks to far more than is promised, or than any images do, is not unpacked to its end.
  @Test func bombs() throws {
    let folder = Folder()
    let zeros = [UInt8](repeating: 0, count: 64 << 20)
    let images = try folder.gzipped(folder.write("i", Self.idx(8, [2, 2, 2], zeros)))
    let labels = folder.write("l", Self.idx(8, [2], [0, 1]))
    #expect(
      message { _ = try Dataset.idx([(images, labels)]) }?
        .contains("has more than its header says") == true)
    let many = try folder.gzipped(
      folder.write("m", Self.idx(8, [64 << 18, 2, 2], zeros)))
    #expect(
      message { _ = try Dataset.idx([(many, labels)]) }?.hasSuffix("has 16777216 images") == true)
    let line = folder.write("t.csv", [UInt8](repeating: 0x31, count: 70 << 20))
    #expect(
      message { _ = try Dataset.csv(line, task: .regression) }?.contains("line of more than")
        == true)
    let source = try SourceFile(images, .promised { _ in 24 })
    #expect(source.bytes.count <= 1 << 20)
    let colour = try folder.gzipped(folder.write("c", zeros))
    #expect(
      message { _ = try Dataset.cifar(.cifar10, files: [colour]) }?.contains("100 times") == true)
  }

  @Test func numbersThatAreNotFinite() throws {
    let folder = Folder()
    let labels = folder.write("l", Self.idx(8, [2], [0, 1]))
    let images = folder.write(
      "i", Self.idx(0x0D, [2, 1], [0x3F, 0xC0, 0, 0, 0x7F, 0xC0, 0, 0]))
    #expect(
      message { _ = try Dataset.idx([(images, labels)]) }?
        .hasSuffix("image 1: nan is not a finite number") == true)
    let table = folder.write("t.csv", "1,0\n1e39,1\n")
    #expect(
      message { _ = try Dataset.csv(table, task: .classification(classNames: nil)) }?
        .hasSuffix("1e39 is too large for float32") == true)
  }

  /// A pipe beside CIFAR's files, under the name of the list of classes, is not waited for.
  @Test func pipesBesideTheFiles() throws {
    let folder = Folder()
    let file = folder.write("data.bin", [UInt8](repeating: 1, count: 3073))
    #expect(folder.makePipe("batches.meta.txt"))
    #expect(try Dataset.cifar(.cifar10, files: [file]).classNames.first == "0")
  }

  @Test func damagedGzipIsSaid() throws {
    let folder = Folder()
    let plain = folder.write("i", Self.idx(8, [100, 2, 2], (0..<400).map { UInt8($0 % 251) }))
    let whole = try SourceFile(folder.gzipped(plain)).bytes
    #expect(whole.count == 416)
    // The bytes of the gzip file itself: gzread passes plain data through, so rename it away first.
    let bytes = try fileBytes(plain + ".gz")
    let cut = folder.write("cut.gz", Array(bytes.dropLast(20)))
    #expect(message { _ = try SourceFile(cut) }?.hasSuffix("the gzip data is cut off") == true)
    var wrong = bytes
    wrong[bytes.count / 2] ^= 0x5A
    let damaged = folder.write("damaged.gz", wrong)
    #expect(message { _ = try SourceFile(damaged) }?.contains("gzip data is") == true)
  }

  @Test func cifarVersions() throws {
    let folder = Folder()
    let pixels = (0..<3072).map { UInt8($0 % 256) }
    let ten = folder.write("a.bin", [7] + pixels + [2] + pixels)
    let dataset = try Dataset.cifar(.cifar10, files: [ten, folder.gzipped(ten)])
    #expect(dataset.targets == .classes([7, 2, 7, 2]))
    #expect(dataset.inputs == .bytes(pixels + pixels + pixels + pixels))
    #expect(dataset.inputShape == [3, 32, 32] && dataset.classNames[9] == "9")
    _ = folder.write(
      "batches.meta.txt", (0..<10).map { "name\($0)" }.joined(separator: "\n") + "\n\n")
    #expect(try Dataset.cifar(.cifar10, files: [ten]).classNames[3] == "name3")
    let hundred = folder.write("h.bin", [19, 99] + pixels)
    let fine = try Dataset.cifar(.cifar100(superclasses: false), files: [hundred])
    #expect(fine.targets == .classes([99]) && fine.classCount == 100)
    let coarse = try Dataset.cifar(.cifar100(superclasses: true), files: [hundred])
    #expect(coarse.targets == .classes([19]) && coarse.classCount == 20)
    #expect(
      message { _ = try Dataset.cifar(.cifar10, files: [hundred]) }?
        .contains("3074 bytes are not whole records of 3073") == true)
    let bad = folder.write("b.bin", [10] + pixels)
    #expect(
      message { _ = try Dataset.cifar(.cifar10, files: [bad]) }?
        .hasSuffix("record 0: label 10 is not one of 0…9") == true)
  }

  @Test(.enabled(if: SharedData.isThere, "the shared data folder is not beside the package"))
  func mnistHasThePublishedConstants() throws {
    let folder = SharedData.folder + "/mnist/"
    var dataset = try Dataset.idx([
      (folder + "train-images-idx3-ubyte.gz", folder + "train-labels-idx1-ubyte.gz")
    ])
    dataset.computeConstants()
    #expect(dataset.count == 60_000 && dataset.inputShape == [1, 28, 28])
    #expect(abs(dataset.inputMean[0] - 0.1307) < 5e-5 && abs(dataset.inputStd[0] - 0.3081) < 5e-5)
    guard case .classes(let classes) = dataset.targets else { throw Unexpected(dataset.targets) }
    #expect(classes[..<10] == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect((0..<10).map { c in classes.count { $0 == c } }[1] == 6742)
  }

  @Test(.enabled(if: SharedData.isThere, "the shared data folder is not beside the package"))
  func cifarHasThePublishedMeans() throws {
    let folder = SharedData.folder + "/cifar-10-jpeg/"
    var dataset = try Dataset.cifar(.cifar10, files: [folder + "test_batch.bin.gz"])
    dataset.computeConstants()
    #expect(dataset.count == 10_000 && dataset.classNames[3] == "cat")
    for (mean, published) in zip(dataset.inputMean, [0.4914, 0.4822, 0.4465] as [Float]) {
      #expect(abs(mean - published) < 0.01)
    }
  }
}
