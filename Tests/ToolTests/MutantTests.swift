import Foundation
import Testing

/// Damaged files that once took all memory, or no end: `Mutants` keeps them.
@Suite struct MutantTests {
  let place = Workplace()
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Mutants"
  static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []

  @Test func areThere() { #expect(Self.names.count >= 2) }

  /// One line each, from every reader that could be given it.
  @Test(arguments: names) func refused(_ name: String) {
    place.succeeds("cp '\(Self.folder)/\(name)' m.h5")
    let check = place.run("ulimit -v 1000000; timeout 60 weights-check -q m.h5")
    #expect(check.status == 65 && check.errors.contains("m.h5: "), "\(check)")
    for command in [
      "swa-avg m.h5 -o o.h5", "nn-convert m.h5 -o o.npz", "swag-fit m.h5 -o o.h5",
      "nn-train m.h5 --model mlp:4 -q -o o.h5", "nn-data select m.h5 --rows :9 -o o.h5",
      "nn-data select m.h5 -o o.h5",
    ] {
      place.fails("ulimit -v 1000000; timeout 60 \(command)", 65, "m.h5: ")
      #expect(!place.exists("o.h5") && !place.exists("o.npz"))
    }
  }
}
