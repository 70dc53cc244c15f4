import Files
import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Images

@Suite struct PictureTests {
  static let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens"

  static func golden(_ name: String) throws -> [UInt8] { try fileBytes("\(goldens)/\(name)") }

  /// Planes of a picture in a frame.
  func planes(_ bytes: [UInt8], _ framing: Framing, channels: Int) throws -> ([Int], [UInt8]) {
    let picture = try Picture(bytes, channels: channels)
    let frame = try framing.frame(width: picture.width, height: picture.height)
    var planes = [UInt8](repeating: 0, count: channels * frame.rows * frame.columns)
    let moments = planes.withUnsafeMutableBufferPointer { picture.write(frame, to: $0) }
    let area = frame.rows * frame.columns
    for c in 0..<channels {
      let plane = planes[(c * area)..<((c + 1) * area)].map { Int($0) }
      #expect(moments[c].sum == plane.reduce(0, +))
      #expect(moments[c].squares == plane.reduce(0) { $0 + $1 * $1 })
    }
    return ([channels, frame.rows, frame.columns], planes)
  }

  /// Every byte is what torchvision makes of Pillow's image: `Goldens/make-pictures.py`.
  @Test func asTorchvisionMakesThem() throws {
    let archive = try NpzArchive(PlainFile("\(Self.goldens)/pictures.npz"))
    #expect(archive.tensors.count > 35)
    for tensor in archive.tensors {
      let parts = tensor.name.split(separator: "/").map(String.init)
      var words = parts[1].split(separator: "-").map(String.init)
      let isGrey = words.last == "grey"
      if isGrey { words.removeLast() }
      var framing = Framing()
      while words.count >= 2 {
        let side = try #require(Int(words[1]))
        switch words[0] {
        case "fit": framing.size = .both(side)
        case "size": framing.size = .shorter(side)
        default: framing.crop = side
        }
        words.removeFirst(2)
      }
      let (shape, bytes) = try planes(
        Self.golden(parts[0]), framing, channels: isGrey ? 1 : 3)
      #expect(shape == tensor.shape, "\(tensor.name)")
      #expect(try bytes == tensor.bytes(), "\(tensor.name)")
    }
  }

  /// Python rounds halves to even, and cuts the longer side's length off.
  @Test func framesAreTorchvisions() throws {
    let framing = Framing(size: .shorter(256), crop: 224)
    let wide = try framing.frame(width: 500, height: 375)
    #expect(wide == Frame(width: 341, height: 256, left: 58, top: 16, columns: 224, rows: 224))
    let tall = try framing.frame(width: 333, height: 500)
    #expect(tall == Frame(width: 256, height: 384, left: 16, top: 80, columns: 224, rows: 224))
    for (width, left) in [(225, 0), (227, 2), (229, 2), (231, 4)] {
      #expect(try Framing(crop: 224).frame(width: width, height: 300).left == left)
    }
    #expect(
      message { _ = try Framing(crop: 224).frame(width: 100, height: 300) }
        == "100 x 300 pixels are less than a crop of 224; --size resizes")
  }

  @Test func damageIsSaid() throws {
    func words(_ bytes: [UInt8]) -> String? {
      message { _ = try Picture(bytes, channels: 3) }
    }
    let (jpeg, png) = (try Self.golden("tall.jpg"), try Self.golden("rgb.png"))
    #expect(words(Array("GIF89a".utf8)) == "is neither JPEG nor PNG")
    #expect(words([]) == "is neither JPEG nor PNG")
    #expect(words(jpeg.dropLast(60) + []) == "is cut off")
    #expect(words(png.dropLast(60) + []) == "is cut off")
    // A size of 2³¹ − 1 by 2³¹ − 1 in 100 bytes.
    var huge = png
    for i in 16..<24 { huge[i] = i % 4 == 0 ? 0x7f : 0xff }
    #expect(words(huge) != nil)
    // Every damage of a byte ends in a picture or in words.
    for (name, step) in [("tall.jpg", 7), ("wide.jpg", 11), ("palette.png", 3), ("cmyk.jpg", 7)] {
      let whole = try Self.golden(name)
      for i in stride(from: 0, to: whole.count, by: step) {
        for value in [0, 0xff, whole[i] ^ 0x40] as [UInt8] {
          var damaged = whole
          damaged[i] = value
          do {
            let picture = try Picture(damaged, channels: 3)
            #expect(picture.width > 0 && picture.height > 0)
          } catch { #expect(!error.description.isEmpty) }
        }
        _ = words(Array(whole[..<i]))
      }
    }
  }

  /// A folder of classes as a data set, for any number of threads and size of blocks.
  func folder(_ pictures: [(path: String, golden: String)]) throws -> Folder {
    let folder = Folder()
    for (path, golden) in pictures {
      let file = folder.file(path)
      try FileManager.default.createDirectory(
        atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path,
        withIntermediateDirectories: true)
      folder.write(path, try Self.golden(golden))
    }
    return folder
  }

  @Test func foldersAreClasses() throws {
    let folder = try folder([
      ("zebra/b.JPG", "tall.jpg"), ("zebra/a/x.png", "rgb.png"), ("zebra/a-b/y.png", "bits.png"),
      ("cat/10.jpg", "wide.jpg"), ("cat/9.jpg", "cmyk.jpg"), ("cat/notes.txt", "bits.png"),
    ])
    let list = try PictureList.folder(folder.path + "/")
    #expect(
      list.entries.map(\.name) == [
        "cat/10.jpg", "cat/9.jpg", "zebra/b.JPG", "zebra/a/x.png", "zebra/a-b/y.png",
      ])
    #expect(list.entries.map(\.label) == [0, 0, 1, 1, 1] && list.classNames == ["cat", "zebra"])
    var reading = PictureReading()
    reading.framing.size = .both(6)
    let path = folder.file("d.h5")
    _ = try reading.write(list, to: path)
    let dataset = try Dataset.read(path)
    #expect(dataset.inputShape == [3, 6, 6] && dataset.targets == .classes([0, 0, 1, 1, 1]))
    #expect(dataset.classNames == ["cat", "zebra"])
    #expect(dataset.exampleNames == list.entries.map(\.name))
    let golden = try NpzArchive(PlainFile("\(Self.goldens)/pictures.npz")).tensors
    var expected: [UInt8] = []
    for name in ["wide.jpg", "cmyk.jpg", "tall.jpg", "rgb.png", "bits.png"] {
      expected += try #require(golden.first { $0.name == "\(name)/fit-6" }).bytes()
    }
    #expect(dataset.inputs == .bytes(expected))
    var twin = dataset
    twin.computeConstants()
    #expect(twin.inputMean == dataset.inputMean && twin.inputStd == dataset.inputStd)
    // In chunks the same.
    reading.compress = 1
    reading.skipsBad = true
    _ = try reading.write(list, to: path)
    #expect(try Dataset.read(path).inputs == .bytes(expected))
    // Unlabelled, and with classes that are known.
    #expect(try PictureList.folder(folder.path, unlabelled: true).count == 5)
    let known = try PictureList.folder(folder.path, known: ["ape", "cat", "dog", "zebra"])
    #expect(known.entries.map(\.label) == [1, 1, 3, 3, 3] && known.classNames.count == 4)
    #expect(
      message { _ = try PictureList.folder(folder.path, known: ["cat"]) }?
        .hasSuffix("/zebra: is not one of the 1 classes") == true)
  }

  @Test func badFolders() throws {
    let flat = try folder([("a.jpg", "tall.jpg")])
    #expect(
      message { _ = try PictureList.folder(flat.path) }?.hasSuffix(
        "has no folders, of which each would be a class; --unlabelled takes pictures without"
          + " classes, --list names them") == true)
    let empty = try folder([("a/a.jpg", "tall.jpg"), ("b/n.txt", "tall.jpg")])
    #expect(
      message { _ = try PictureList.folder(empty.path) }?
        .hasSuffix("/b: is a class without pictures; remove the folder") == true)
    let loop = try folder([("a/a.jpg", "tall.jpg")])
    try FileManager.default.createSymbolicLink(
      atPath: loop.file("a/up"), withDestinationPath: loop.path)
    #expect(
      message { _ = try PictureList.folder(loop.path) }?
        .hasSuffix("leads back to a folder above it") == true)
    #expect(
      message { _ = try PictureList.folder("/nowhere") } == "/nowhere: no such file or directory")
    let sizes = try folder([("a/1.jpg", "tall.jpg"), ("a/2.png", "rgb.png")])
    func words(_ reading: PictureReading) -> String? {
      message {
        _ = try reading.write(try PictureList.folder(sizes.path), to: sizes.file("d.h5"))
      }?.replacing(sizes.path + "/", with: "")
    }
    #expect(
      words(PictureReading())
        == "a/2.png: 14 x 9 pixels, but a/1.jpg has 13 x 23; --fit, or --size with --crop, makes all"
        + " of one size")
    sizes.write("a/3.jpg", "<html>404 not found</html>")
    sizes.write("a/4.jpg", [])
    sizes.write("a/5\n.jpg", Array(try Self.golden("tall.jpg").dropLast(40)))
    var reading = PictureReading()
    reading.framing.size = .both(8)
    #expect(
      words(reading)
        == "a/3.jpg: is neither JPEG nor PNG (it is a web page; was the download an error?)")
    reading.skipsBad = true
    var skipped: [String] = []
    let outcome = try reading.write(
      try PictureList.folder(sizes.path), to: sizes.file("d.h5"),
      skip: { skipped.append($0.replacing(sizes.path + "/", with: "")) })
    #expect(outcome.skipped == ["a/3.jpg", "a/4.jpg", "a/5\n.jpg"])
    #expect(skipped[1...] == ["a/4.jpg: is empty", "a/5\\n.jpg: is cut off"])
    let dataset = try Dataset.read(sizes.file("d.h5"))
    #expect(dataset.count == 2 && dataset.exampleNames == ["a/1.jpg", "a/2.png"])
  }

  @Test func listsNameThem() throws {
    let folder = try folder([("x/a.jpg", "tall.jpg"), ("x/b.png", "rgb.png")])
    let list = folder.write("l.csv", "file,label\nx/b.png,7\nx/a.jpg,2\nx/b.png,0\n")
    let found = try PictureList.list(list, folder: nil)
    #expect(found.entries.map(\.label) == [7, 2, 0] && found.classNames.count == 8)
    var reading = PictureReading()
    reading.framing.size = .both(6)
    reading.grey = true
    _ = try reading.write(found, to: folder.file("d.h5"))
    let dataset = try Dataset.read(folder.file("d.h5"))
    #expect(dataset.inputShape == [1, 6, 6] && dataset.targets == .classes([7, 2, 0]))
    let words = folder.write("w.csv", "b.png,dog\na.jpg,ape\n")
    let named = try PictureList.list(words, folder: folder.path + "/x")
    #expect(named.classNames == ["ape", "dog"] && named.entries.map(\.label) == [1, 0])
    let one = folder.write("o.csv", "b.png\na.jpg\n")
    #expect(message { _ = try PictureList.list(one, folder: nil) }?.contains("one column") == true)
    #expect(try PictureList.list(one, folder: nil, unlabelled: true).count == 2)
    let gap = folder.write("g.csv", "b.png,1\na.jpg,\n")
    #expect(
      message { _ = try PictureList.list(gap, folder: nil) }?
        .hasSuffix("line 2: a label is missing") == true)
  }

  @Test func archivesOfPairs() throws {
    let folder = Folder()
    func tar(_ name: String, _ members: [(String, [UInt8])]) -> String {
      folder.write(name, TarBuilder.archive(members))
    }
    let (a, b) = (try Self.golden("tall.jpg"), try Self.golden("rgb.png"))
    let first = tar(
      "0.tar",
      [
        ("s/000.jpg", a), ("s/000.cls", Array("3\n".utf8)), ("s/000.json", []), ("._s", [1]),
        ("s/001.cls", Array("1".utf8)), ("s/001.png", b),
      ])
    let second = tar("1.tar", [("s/000.jpg", a), ("s/000.cls", Array("0".utf8))])
    let list = try PictureList.tars([first, second])
    #expect(list.entries.map(\.name) == ["s/000.jpg", "s/001.png", "s/000.jpg"])
    #expect(list.entries.map(\.label) == [3, 1, 0] && list.classNames == ["0", "1", "2", "3"])
    var reading = PictureReading()
    reading.framing = Framing(size: .shorter(10), crop: 7)
    _ = try reading.write(list, to: folder.file("d.h5"))
    let golden = try NpzArchive(PlainFile("\(Self.goldens)/pictures.npz")).tensors
    let (x, y) = try (
      #require(golden.first { $0.name == "tall.jpg/size-10-crop-7" }).bytes(),
      #require(golden.first { $0.name == "rgb.png/size-10-crop-7" }).bytes()
    )
    #expect(try Dataset.read(folder.file("d.h5")).inputs == .bytes(x + y + x))
    func words(_ members: [(String, [UInt8])]) -> String? {
      let path = tar("w.tar", members)
      return message { _ = try PictureList.tars([path]) }?.replacing(path + ": ", with: "")
    }
    #expect(
      words([("7.jpg", a)])
        == "7.jpg: has no class: there is no 7.cls; --unlabelled takes pictures without")
    #expect(words([("7.jpg", a), ("7.png", b)]) == "7.png: is a second picture of its key")
    #expect(words([("7.txt", a)]) == "holds no pictures")
    #expect(
      words([("7.jpg", a), ("7.cls", [0xff, 0xfe])]) == "7.cls: is no class's number or name")
    let bad = tar("b.tar", [("7.jpg", Array(a.dropLast(50))), ("7.cls", [0x30])])
    #expect(
      message { _ = try reading.write(try PictureList.tars([bad]), to: folder.file("e.h5")) }
        == "\(bad): 7.jpg: is cut off")
  }
}
