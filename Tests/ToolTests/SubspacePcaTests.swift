import Foundation
import HDF5
import Testing

@Suite struct SubspacePcaTests {
  let place = Workplace()
  static let shapes: [(name: String, shape: [Int])] = [
    ("conv.weight", [2, 3, 2, 2]), ("conv.bias", [2]), ("fc.weight", [3, 5]), ("fc.bias", [1]),
  ]
  static let count = 24 + 2 + 15 + 1

  /// Element i of row t: a few waves of different heights, and nothing that is a mere sum.
  static func element(_ t: Int, _ i: Int) -> Float {
    let (a, b) = (Double(t), Double(i))
    return Float(
      2 + cos(0.7 * b) * sin(1.3 * a + 0.2) * 3 + sin(2.1 * b) * cos(2.9 * a) * 0.5
        + cos(0.9 * a * b) * 0.05 + 0.01 * sin(5 * a + b * b))
  }

  /// Writes a group of tensors of `rows` rows, or none, by the file library alone.
  func write(
    _ file: HDF5File, _ group: String, rows: Int?, element: (Int, Int) -> Float = Self.element
  ) throws {
    try file.createGroup(group)
    var offset = 0
    for (name, shape) in Self.shapes {
      let size = shape.reduce(1, *)
      let values = (0..<(rows ?? 1)).flatMap { t in (0..<size).map { element(t, offset + $0) } }
      try file.createDataset(
        "\(group)/\(name)", type: .float32, shape: (rows.map { [$0] } ?? []) + shape
      ).write(values)
      offset += size
    }
  }

  func file(
    _ name: String, kind: String = "trajectory", _ body: (HDF5File) throws -> Void
  ) throws {
    let file = try HDF5File.create(place.file(name))
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", kind)
    try file.setAttribute("architecture", "{\"name\": \"test\"}")
    try body(file)
    try file.close()
  }

  func trajectory(_ name: String, snapshots: Int) throws {
    try file(name) { try write($0, "weights", rows: snapshots) }
  }

  /// The rows of a group, flat.
  func rows(_ name: String, _ group: String, hasRows: Bool = true) throws -> [[Double]] {
    let file = try HDF5File.open(place.file(name))
    let tensors = try Self.shapes.map { try file.dataset("\(group)/\($0.name)").read(Double.self) }
    let count = hasRows ? try file.dataset("\(group)/\(Self.shapes[0].name)").shape[0] : 1
    return (0..<count).map { t in
      tensors.flatMap { values in
        let width = values.count / count
        return Array(values[(t * width)..<((t + 1) * width)])
      }
    }
  }

  func numbers(_ name: String, _ path: String) throws -> [Double] {
    try HDF5File.open(place.file(name)).dataset(path).read(Double.self)
  }

  /// Eigenvalues, descending, and eigenvectors by Jacobi's rotations.
  static func eigen(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
    var a = matrix
    let n = a.count
    var v = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0.0 } }
    for _ in 0..<60 {
      for p in 0..<n {
        for q in (p + 1)..<max(n, p + 1) where abs(a[p][q]) > 1e-300 {
          let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
          let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          let s = t * c
          for k in 0..<n {
            (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q])
          }
          for k in 0..<n {
            (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k])
            (v[p][k], v[q][k]) = (c * v[p][k] - s * v[q][k], s * v[p][k] + c * v[q][k])
          }
        }
      }
    }
    let order = (0..<n).sorted { a[$0][$0] > a[$1][$1] }
    return (order.map { a[$0][$0] }, order.map { v[$0] })
  }

  /// A dense principal component analysis: the covariance of all parameters.
  func expectDense(
    _ name: String, deviations d: [[Double]], shift: [Double], rank: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let scatter = (0..<Self.count).map { i in
      (0..<Self.count).map { j in d.reduce(0.0) { $0 + $1[i] * $1[j] } }
    }
    let (values, vectors) = Self.eigen(scatter)
    let trace = (0..<Self.count).reduce(0.0) { $0 + scatter[$1][$1] }
    let singular = try numbers(name, "singular_values")
    let ratio = try numbers(name, "explained_variance_ratio")
    let components = try rows(name, "components")
    #expect(singular.count == rank && components.count == rank, sourceLocation: sourceLocation)
    for k in 0..<rank {
      #expect(
        abs(singular[k] * singular[k] - values[k]) < 1e-6 * values[k],
        sourceLocation: sourceLocation)
      #expect(abs(ratio[k] - values[k] / trace) < 1e-6, sourceLocation: sourceLocation)
      let sign = zip(components[k], vectors[k]).reduce(0) { $0 + $1.0 * $1.1 } < 0 ? -1.0 : 1.0
      // Deviations are rounded to Float, which turns a vector by no more than the change of the
      // matrix over the gap to the next singular values (Wedin); so are the components.
      let s = values.map { max($0, 0).squareRoot() }
      let gap = min(k == 0 ? .infinity : s[k - 1] - s[k], s[k] - s[k + 1])
      let tolerance = 0x1p-24 * (2 * trace.squareRoot() / gap + 1)
      for i in 0..<Self.count {
        #expect(
          abs(components[k][i] - sign * vectors[k][i]) < tolerance, sourceLocation: sourceLocation)
      }
      for l in 0...k {
        let product = zip(components[k], components[l]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (k == l ? 1 : 0)) < 1e-6, sourceLocation: sourceLocation)
      }
    }
    for (found, known) in zip(try rows(name, "shift", hasRows: false)[0], shift) {
      #expect(found == Double(Float(known)), sourceLocation: sourceLocation)
    }
    let file = try HDF5File.open(place.file(name))
    #expect(try file.integerAttribute("rows") == d.count, sourceLocation: sourceLocation)
    #expect(try file.stringAttribute("kind") == "subspace", sourceLocation: sourceLocation)
  }

  private func snapshots(_ count: Int) -> [[Double]] {
    (0..<count).map { t in (0..<Self.count).map { Double(Self.element(t, $0)) } }
  }

  private func mean(_ rows: [[Double]]) -> [Double] {
    (0..<Self.count).map { i in rows.reduce(0) { $0 + $1[i] } / Double(rows.count) }
  }

  @Test(arguments: [2, 3, 7, 30])
  func equalsDense(_ count: Int) throws {
    try trajectory("run.h5", snapshots: count)
    let rank = min(count - 1, 4)
    place.succeeds("subspace-pca run.h5 --rank \(rank) -o pca.h5")
    let rows = snapshots(count)
    let centre = mean(rows)
    let deviations = rows.map { row in zip(row, centre).map { $0 - $1 } }
    try expectDense("pca.h5", deviations: deviations, shift: centre, rank: rank)
    let file = try HDF5File.open(place.file("pca.h5"))
    #expect(try file.stringAttribute("architecture") == "{\"name\": \"test\"}")
  }

  @Test func severalFilesAndSelections() throws {
    try trajectory("run.h5", snapshots: 9)
    place.succeeds("subspace-pca 'run.h5[1:4]' 'run.h5[6:]' --rank 2 -o pca.h5")
    let rows = snapshots(9)
    let chosen = [1, 2, 3, 6, 7, 8].map { rows[$0] }
    let centre = mean(chosen)
    try expectDense(
      "pca.h5", deviations: chosen.map { row in zip(row, centre).map { $0 - $1 } }, shift: centre,
      rank: 2)
    place.succeeds("subspace-pca run.h5 --from 1 --to 4 --rank 2 --no-history -o a.h5")
    place.succeeds("subspace-pca 'run.h5[1:4]' --rank 2 --no-history > b.h5 && cmp a.h5 b.h5")
    place.succeeds("cat run.h5 | subspace-pca --from 1 --to 4 --rank 2 --no-history > c.h5")
    place.succeeds("cmp a.h5 c.h5")
  }

  /// A gaussian's deviations are taken as they are, about its mean.
  @Test func gaussian() throws {
    try file("swag.h5", kind: "gaussian") {
      try write($0, "mean", rows: nil) { _, i in Float(i) / 8 }
      try write($0, "variance", rows: nil) { _, _ in 1 }
      try write($0, "deviations", rows: 4)
      try $0.setAttribute("rank", 4)
    }
    place.succeeds("subspace-pca swag.h5 --rank 4 -o pca.h5")
    try expectDense(
      "pca.h5", deviations: snapshots(4), shift: (0..<Self.count).map { Double($0) / 8 }, rank: 4)
    let all = place.succeeds("subspace-pca swag.h5 --rank 5 --no-history -o all.h5")
    #expect(
      all.errors.hasSuffix(
        "4 rows span 4 direction(s), fewer than --rank 5; the subspace has these\n"))
    place.succeeds("subspace-pca swag.h5 --rank 4 --no-history -o four.h5")
    #expect(place.bytes("all.h5") == place.bytes("four.h5"))
  }

  /// The control points of a curve span its plane.
  @Test func curve() throws {
    try file("curve.h5", kind: "curve") {
      try write($0, "weights", rows: 3)
      try $0.setAttribute("curve", "bezier")
    }
    place.succeeds("subspace-pca curve.h5 --rank 2 -o plane.h5")
    let rows = snapshots(3)
    let centre = mean(rows)
    try expectDense(
      "plane.h5", deviations: rows.map { row in zip(row, centre).map { $0 - $1 } }, shift: centre,
      rank: 2)
  }

  @Test func random() throws {
    try trajectory("run.h5", snapshots: 3)
    place.succeeds("subspace-pca --random --at run.h5 --rank 7 --seed 5 -o a.h5")
    let components = try rows("a.h5", "components")
    #expect(components.count == 7)
    for (k, row) in components.enumerated() {
      for l in 0...k {
        let product = zip(row, components[l]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (k == l ? 1 : 0)) < 1e-6)
      }
    }
    #expect(
      try rows("a.h5", "shift", hasRows: false)[0]
        == (0..<Self.count).map { Double(Self.element(2, $0)) })
    #expect(try numbers("a.h5", "singular_values") == Array(repeating: 1, count: 7))
    #expect(try numbers("a.h5", "explained_variance_ratio").allSatisfy(\.isNaN))
    place.succeeds("subspace-pca --random --at 'run.h5[0]' --rank 7 --seed 6 -o b.h5")
    #expect(try rows("b.h5", "components")[0] != components[0])
    // The first of fewer directions is the same.
    place.succeeds("subspace-pca --random --at run.h5 --rank 2 --seed 5 -o c.h5")
    #expect(try rows("c.h5", "components")[0] == components[0])
    let all = place.succeeds("subspace-pca --random --at run.h5 --rank 43 -o all.h5")
    #expect(all.errors.contains("run.h5: 42 weights span 42 direction(s), fewer than --rank 43"))
  }

  @Test func sameBytesForAnyThreadsAndMemory() throws {
    try file("long.h5") { file in
      try file.createGroup("weights")
      for (name, shape) in [("w", [50, 999]), ("v", [20_001])] {
        let values = (0..<(6 * shape.reduce(1, *))).map { Float(($0 * 7919) % 10007) / 100 }
        try file.createDataset("weights/\(name)", type: .float32, shape: [6] + shape).write(values)
      }
    }
    place.succeeds("subspace-pca long.h5 --rank 3 --no-history -o a.h5")
    place.succeeds("subspace-pca --random --at long.h5 --rank 3 --no-history -o r.h5")
    for options in ["-@1", "--threads 7", "-m 4K", "-m 300K -@3", "--memory 1G"] {
      place.succeeds(
        "subspace-pca long.h5 --rank 3 --no-history \(options) -o b.h5 && cmp a.h5 b.h5")
      place.succeeds(
        "subspace-pca --random --at long.h5 --rank 3 --no-history \(options) -o b.h5"
          + " && cmp r.h5 b.h5")
    }
  }

  @Test func badInput() throws {
    try trajectory("run.h5", snapshots: 4)
    try trajectory("one.h5", snapshots: 1)
    place.fails("subspace-pca one.h5 -o no.h5", 65, "one.h5: one snapshot spans no subspace")
    place.fails("subspace-pca 'run.h5[0]' 'run.h5[0]' -o no.h5", 65, "all rows are equal")
    place.fails("subspace-pca none.h5 -o no.h5", 66, "none.h5: no such file")
    place.fails("subspace-pca run.h5 --rank 0 -o no.h5", 64, "--rank must be")
    place.fails("subspace-pca run.h5 --random -o no.h5", 64, "--random and --at belong together")
    place.fails("subspace-pca --at run.h5 -o no.h5", 64, "--random and --at belong together")
    place.fails("subspace-pca run.h5 --random --at run.h5 -o no.h5", 64, "takes no operand")
    place.fails("subspace-pca run.h5 -o none/no.h5", 73, "no such file or directory")
    place.fails("subspace-pca run.h5 -q > /dev/full", 74, "No space left on device")
    try file("nan.h5") {
      try write($0, "weights", rows: 3) { t, i in
        t == 1 && i == 25 ? .nan : Self.element(t, i)
      }
    }
    place.fails(
      "subspace-pca nan.h5 -o no.h5", 65, "nan.h5: weights/conv.bias: NaN in snapshot 1, element 1")
    try file("other.h5") { file in
      try file.createGroup("weights")
      try file.createDataset("weights/w", type: .float32, shape: [2, 3]).write(
        [1, 2, 3, 4, 5, 6] as [Float])
    }
    place.fails("subspace-pca run.h5 other.h5 -o no.h5", 65, "other.h5: weights/")
    place.succeeds("subspace-pca run.h5 -o pca.h5")
    place.fails("subspace-pca pca.h5 -o no.h5", 65, "pca.h5: holds subspace, but a trajectory")
    let few = place.succeeds("subspace-pca run.h5 -o pca.h5")
    let words = "subspace-pca: run.h5: 4 rows span 3 direction(s), fewer than"
    #expect(few.errors == "\(words) the usual 5; the subspace has these\n")
    let asked = place.succeeds("subspace-pca run.h5 --rank 4 -o pca.h5")
    #expect(asked.errors == "\(words) --rank 4; the subspace has these\n")
    #expect(place.succeeds("subspace-pca run.h5 --rank 4 -q -o pca.h5").errors.isEmpty)
    #expect(try numbers("pca.h5", "singular_values").count == 3)
  }
}
