import Foundation
import HDF5
import Testing

@Suite struct SubspaceSampleTests {
  let place = Workplace()

  func numbers(_ name: String, _ path: String) throws -> [Double] {
    try HDF5File.open(place.file(name)).dataset(path).read(Double.self)
  }

  /// A linear network of two features and a bias, data for it, and a subspace that is all of its
  /// weight space, turned. Then the posterior is a Gaussian in closed form.
  private struct LinearRegression {
    static let noise = 0.5
    static let prior = 0.8
    static let temperature = 2.0
    static let shift = [0.3, -0.2, 0.1]
    static let architecture =
      #"{"name": "line", "input": [2], "outputs": 1, "#
      + #""layers": [{"name": "fc", "type": "dense", "outputs": 1}]}"#
    var features: [[Double]] = []
    var targets: [Double] = []
    /// Σ⁻¹ = XᵀX / (σ² T) + 1 / σ_p²
    var precision = [[Double]](repeating: [0, 0, 0], count: 3)
    var mean = [0.0, 0.0, 0.0]
    var covariance: [[Double]] = []

    init() {
      for n in 0..<24 {
        let a = cos(Double(n) * 1.7)
        let b = 0.7 * a + 0.5 * sin(Double(n) * 0.9)
        // Features as the data set's Floats are.
        let x = [Double(Float(a)), Double(Float(b)), 1]
        features.append(x)
        targets.append(Double(Float(1.2 * x[0] - 0.7 * x[1] + 0.4 + 0.5 * cos(Double(n * n)))))
      }
      let weight = 1 / (Self.noise * Self.noise * Self.temperature)
      var projected = Self.shift.map { $0 / (Self.prior * Self.prior) }
      for i in 0..<3 { precision[i][i] = 1 / (Self.prior * Self.prior) }
      for (x, y) in zip(features, targets) {
        for i in 0..<3 {
          projected[i] += weight * x[i] * y
          for j in 0..<3 { precision[i][j] += weight * x[i] * x[j] }
        }
      }
      let (values, vectors) = SubspacePcaTests.eigen(precision)
      covariance = (0..<3).map { i in
        (0..<3).map { j in
          (0..<3).reduce(0) { $0 + vectors[$1][i] * vectors[$1][j] / values[$1] }
        }
      }
      mean = (0..<3).map { i in (0..<3).reduce(0) { $0 + covariance[i][$1] * projected[$1] } }
    }
  }

  /// `data.h5`, and `space.h5` with three random orthonormal directions at the shift.
  private func makeLine(_ line: LinearRegression) throws {
    try place.dataset(
      "data.h5", inputs: line.features.flatMap { [Float($0[0]), Float($0[1])] }, shape: [24, 2],
      values: line.targets.map { Float($0) })
    let file = try HDF5File.create(place.file("at.h5"))
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "trajectory")
    try file.setAttribute("architecture", LinearRegression.architecture)
    try file.createGroup("weights")
    let shift = LinearRegression.shift.map { Float($0) }
    try file.createDataset("weights/fc.weight", type: .float32, shape: [1, 1, 2]).write(
      Array(shift[0..<2]))
    try file.createDataset("weights/fc.bias", type: .float32, shape: [1, 1]).write([shift[2]])
    try file.close()
    place.succeeds("subspace-pca --random --at at.h5 --rank 3 --seed 4 -o space.h5")
  }

  private var options: String {
    "space.h5 --data data.h5 --noise-std \(LinearRegression.noise) --isotropic -q -@1"
      + " --prior-std \(LinearRegression.prior) --temperature \(LinearRegression.temperature)"
  }

  /// The weights of all samples, [chain][draw][weight].
  private func weights(_ name: String, chains: Int) throws -> [[[Double]]] {
    let slopes = try numbers(name, "components/fc.weight")
    let biases = try numbers(name, "components/fc.bias")
    let components = (0..<3).map { j in [slopes[2 * j], slopes[2 * j + 1], biases[j]] }
    let shift = try numbers(name, "shift/fc.weight") + numbers(name, "shift/fc.bias")
    let z = try numbers(name, "coordinates")
    var draws: [[Double]] = []
    for start in stride(from: 0, to: z.count, by: 3) {
      var w = shift
      for j in 0..<3 {
        for i in 0..<3 { w[i] += z[start + j] * components[j][i] }
      }
      draws.append(w)
    }
    return (0..<chains).map { chain in
      stride(from: chain, to: draws.count, by: chains).map { draws[$0] }
    }
  }

  @Test(arguments: ["ess", "nuts"])
  func chainsFindTheClosedForm(_ method: String) throws {
    let line = LinearRegression()
    try makeLine(line)
    let draws = method == "ess" ? 2500 : 1600
    place.succeeds(
      "subspace-sample \(options) --method \(method) --samples \(draws) --burn-in 150 --chains 4"
        + " --seed 3 -o s.h5")
    let samples = try weights("s.h5", chains: 4)
    let sizes = try numbers("s.h5", "diagnostics/effective_sample_size")
    let rHats = try numbers("s.h5", "diagnostics/r_hat")
    #expect(rHats.count == 4 && rHats.allSatisfy { $0 < 1.01 }, "\(rHats)")
    #expect(sizes.allSatisfy { $0 > 400 }, "\(sizes)")
    let size = sizes.min()!
    let all = samples.flatMap { $0 }
    for i in 0..<3 {
      let scale = line.covariance[i][i].squareRoot()
      let mean = all.reduce(0) { $0 + $1[i] } / Double(all.count)
      // Five standard errors; along no axis are there fewer independent draws.
      #expect(abs(mean - line.mean[i]) < 5 * scale / size.squareRoot(), "\(method)")
      for j in 0...i {
        let found =
          all.reduce(0) { $0 + ($1[i] - line.mean[i]) * ($1[j] - line.mean[j]) }
          / Double(all.count)
        let (a, b, c) = (line.covariance[i][i], line.covariance[j][j], line.covariance[i][j])
        // Squares decorrelate no slower than what is squared.
        #expect(abs(found - c) < 5 * ((a * b + c * c) / size).squareRoot(), "\(method)")
      }
    }
    let acceptance = try numbers("s.h5", "diagnostics/acceptance")
    #expect(acceptance.count == 4 && acceptance.allSatisfy { $0 > 0.1 && $0 <= 1 })
    try expectColumns("s.h5", line, samples)
  }

  /// log_likelihood and log_posterior are the densities of the samples, in nats.
  private func expectColumns(
    _ name: String, _ line: LinearRegression, _ samples: [[[Double]]]
  ) throws {
    let likelihood = try numbers(name, "snapshots/log_likelihood")
    let posterior = try numbers(name, "snapshots/log_posterior")
    let coordinates = try numbers(name, "coordinates")
    let chains = samples.count
    #expect(
      try numbers(name, "snapshots/chain").prefix(9) == (0..<9).map { Double($0 % chains) }[...])
    #expect(
      try numbers(name, "snapshots/draw").prefix(9) == (0..<9).map { Double($0 / chains) }[...])
    for k in stride(from: 0, to: likelihood.count, by: 101) {
      let w = samples[k % chains][k / chains]
      var known = 0.0
      for (x, y) in zip(line.features, line.targets) {
        let error = (y - x[0] * w[0] - x[1] * w[1] - w[2]) / LinearRegression.noise
        known -= 0.5 * (error * error + log(2 * Double.pi)) + log(LinearRegression.noise)
      }
      // The network works in Float.
      #expect(abs(likelihood[k] - known) < 1e-4)
      known = likelihood[k] / LinearRegression.temperature
      for z in coordinates[(3 * k)..<(3 * k + 3)] {
        let u = z / LinearRegression.prior
        known -= 0.5 * (u * u + log(2 * Double.pi)) + log(LinearRegression.prior)
      }
      #expect(abs(posterior[k] - known) < 1e-6)
    }
  }

  @Test func variationalFindsTheClosedForm() throws {
    let line = LinearRegression()
    try makeLine(line)
    place.succeeds(
      "subspace-sample \(options) --method vi --covariance full --epochs 4000 --samples 4000"
        + " -o s.h5")
    // The fit's own numbers, turned back into weights.
    let fitted = try numbers("s.h5", "diagnostics/covariance")
    let trace = (0..<3).reduce(0) { $0 + fitted[4 * $1] }
    let known = (0..<3).reduce(0) { $0 + line.covariance[$1][$1] }
    #expect(abs(trace - known) < 0.02 * known)
    let all = try weights("s.h5", chains: 1)[0]
    for i in 0..<3 {
      let mean = all.reduce(0) { $0 + $1[i] } / 4000
      let scale = line.covariance[i][i].squareRoot()
      // Five standard errors of independent draws, and a fiftieth for the fit.
      #expect(abs(mean - line.mean[i]) < scale * (5 / 4000.0.squareRoot() + 0.02))
      for j in 0...i {
        let found =
          all.reduce(0) { $0 + ($1[i] - line.mean[i]) * ($1[j] - line.mean[j]) } / 4000
        let (a, b, c) = (line.covariance[i][i], line.covariance[j][j], line.covariance[i][j])
        let error = 5 * ((a * b + c * c) / 4000).squareRoot() + 0.02 * (a * b).squareRoot()
        #expect(abs(found - c) < error)
      }
    }
    try expectColumns("s.h5", line, [all])
  }

  /// A grid is what the closed form says at its points.
  @Test func grid() throws {
    let line = LinearRegression()
    try makeLine(line)
    place.succeeds("subspace-sample \(options) --method grid --samples 11 --extent 2 -o g.h5")
    let z = try numbers("g.h5", "coordinates")
    #expect(z.count == 3 * 121)
    let edge = 2 * LinearRegression.prior
    #expect(abs(z[0] + edge) < 1e-12 && abs(z[1] + edge) < 1e-12 && z[2] == 0)
    #expect(abs(z[30] - edge) < 1e-12 && abs(z[31] + edge) < 1e-12)
    let points = try weights("g.h5", chains: 1)
    try expectColumns("g.h5", line, points)
    let posterior = try numbers("g.h5", "snapshots/log_posterior")
    for k in 0..<121 {
      func energy(_ w: [Double]) -> Double {
        var sum = 0.0
        for i in 0..<3 {
          for j in 0..<3 {
            sum += 0.5 * (w[i] - line.mean[i]) * line.precision[i][j] * (w[j] - line.mean[j])
          }
        }
        return sum
      }
      let known = posterior[60] + energy(points[0][60]) - energy(points[0][k])
      // Outputs in Float, errors of up to some ten standard deviations.
      #expect(abs(posterior[k] - known) < 1e-3)
    }
    place.fails("subspace-sample \(options) --extent 2 -o no.h5", 64, "--extent belongs")
  }

  @Test func sameSeedSameChain() throws {
    try makeLine(LinearRegression())
    for method in ["ess", "nuts", "vi", "flow"] {
      let command =
        "subspace-sample \(options) --method \(method) --samples 20 --no-history"
        + (method == "vi" || method == "flow" ? " --epochs 20" : " --burn-in 20 --chains 2")
      place.succeeds("\(command) --seed 1 -o a.h5 && \(command) --seed 1 -o b.h5 && cmp a.h5 b.h5")
      place.succeeds("rm b.h5 && \(command) --seed 2 -o b.h5")
      #expect(try numbers("a.h5", "coordinates") != numbers("b.h5", "coordinates"))
      place.succeeds("\(command) --seed 1 > c.h5")
      #expect(try numbers("a.h5", "coordinates") == numbers("c.h5", "coordinates"))
      place.succeeds("rm a.h5 b.h5")
    }
  }

  /// Chains that are made longer, stopped or killed end in the numbers of one that was not.
  @Test(arguments: ["ess", "nuts"])
  func resumed(_ method: String) throws {
    try makeLine(LinearRegression())
    let command =
      "subspace-sample \(options) --method \(method) --burn-in 25 --chains 2 --seed 7"
    place.succeeds("\(command) --samples 60 -o whole.h5")
    place.succeeds("\(command) --samples 5 -o parts.h5")
    for samples in [30, 60] {
      place.succeeds("\(command) --samples \(samples) --resume -o parts.h5")
    }
    place.succeeds("\(command) --samples 60 --resume -o new.h5")
    // Samples are not lost to a forgotten option, nor to a second process.
    place.fails("\(command) --samples 5 -o whole.h5", 73, "whole.h5: exists; --resume goes on")
    place.succeeds("cp new.h5 old.h5; \(command) --samples 5 --overwrite -o old.h5")
    #expect(try numbers("old.h5", "committed") == [10])
    place.fails("\(command) --samples 5 --resume --overwrite -o old.h5", 64, "exclude")
    place.fails("\(command) -o data.h5", 73, "data.h5: is an input")
    for option in ["--overwrite", "--resume"] {
      let outcome = place.run(
        """
        \(command) --samples 100000 -q -o busy.h5 & pid=$!
        until h5ls busy.h5.part >/dev/null 2>&1; do sleep 0.02; done
        \(command) --samples 5 \(option) -o busy.h5; status=$?
        kill $pid; wait $pid 2>/dev/null; rm busy.h5.part; exit $status
        """)
      #expect(outcome.status == 73 && outcome.errors.contains("another process"), "\(outcome)")
    }
    for delay in [0.05, 0.1, 0.2] {
      place.succeeds("rm -f run.h5*")
      _ = place.run(
        "\(command) --samples 2000 -o run.h5 & pid=$!; sleep \(delay); kill -9 $pid; wait $pid")
      // What has the name is done, on a machine that was quick enough.
      if place.exists("run.h5") { #expect(try numbers("run.h5", "committed") == [4000]) }
      if place.exists("run.h5.part") {
        let committed = try numbers("run.h5.part", "committed")[0]
        let evaluated = place.run("nn-eval run.h5.part --data data.h5 -q")
        if committed > 0 { #expect(evaluated.table.count >= 2, "\(evaluated)") }
      }
      place.succeeds("\(command) --samples 2000 --resume -o run.h5")
      for path in ["coordinates", "snapshots/log_posterior"] {
        let (a, b) = (try numbers("whole.h5", path), try numbers("run.h5", path))
        #expect(a == Array(b.prefix(a.count)))
        #expect(b.count == 4000 * (path == "coordinates" ? 3 : 1))
      }
    }
    for path in ["coordinates", "snapshots/log_likelihood", "diagnostics/r_hat"] {
      #expect(try numbers("whole.h5", path) == numbers("parts.h5", path))
      #expect(try numbers("whole.h5", path) == numbers("new.h5", path))
    }
    let bytes = place.bytes("parts.h5")
    place.fails(
      "\(command) --samples 60 --resume --temperature 3 -o parts.h5", 65,
      "--temperature was 2.0, not 3.0")
    place.fails(
      "\(command) --samples 60 --resume --seed 8 -o parts.h5", 65, "--seed was 7, not 8")
    place.succeeds("subspace-pca --random --at at.h5 --rank 3 --seed 5 -o space.h5")
    place.fails("\(command) --samples 60 --resume -o parts.h5", 65, "the subspace's digest")
    #expect(place.bytes("parts.h5") == bytes)
    place.fails("\(command) --resume -o at.h5", 65, "at.h5: keeps no state")
  }

  /// From a trained network with BatchNorm to predictions: the weights that are read back are those
  /// that were sampled.
  @Test func pipeline() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --epochs 5 -q -o run.h5")
    place.succeeds("subspace-pca run.h5 --from 1 --rank 2 -o pca.h5")
    let sampled = place.succeeds(
      "subspace-sample pca.h5 --data train.h5 --samples 4 --burn-in 2 --temperature 100 -o s.h5")
    #expect(sampled.errors.contains("r_hat") && sampled.errors.contains("passes over the data"))
    place.fails("nn-predict s.h5 --data test.h5 -o no.h5", 65, "run bn-update")
    place.succeeds("bn-update s.h5 --data train.h5 -q | nn-predict --data test.h5 -q -o p.h5")
    let file = try HDF5File.open(place.file("p.h5"))
    #expect(try file.integerAttribute("snapshot_count") == 4)
    // The scale of the prior is the trajectory's own.
    let values = try numbers("pca.h5", "singular_values")
    let lines = sampled.errors.split(separator: "\n").map { $0.split(separator: "\t") }
    for j in 0..<2 {
      let scale = try #require(Double(lines[j + 1][1]))
      #expect(abs(scale - values[j] / 3.0.squareRoot()) < 1e-5 * scale)
    }
  }

  /// Predictions of a network without a variance head: the noise is what it is said to be, and what
  /// the samples differ by is added to it.
  @Test func noiseOfPredictions() throws {
    try makeLine(LinearRegression())
    place.succeeds("subspace-sample \(options) --samples 8 -o s.h5")
    place.succeeds("nn-predict s.h5 --data data.h5 --noise-std 0.5 --members -q -o p.h5")
    let members = try numbers("p.h5", "members/mean")
    let epistemic = try numbers("p.h5", "epistemic_variance")
    for (n, variance) in try numbers("p.h5", "variance").enumerated() {
      let values = (0..<8).map { members[$0 * 24 + n] }
      let mean = values.reduce(0, +) / 8
      let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8
      // Written in Float.
      #expect(abs(epistemic[n] - spread) < 1e-6 && abs(variance - spread - 0.25) < 1e-6)
    }
    #expect(try numbers("p.h5", "aleatoric_variance").allSatisfy { $0 == 0.25 })
    place.fails("nn-predict s.h5 --data data.h5 --noise-std 0 -o no.h5", 64, "must be positive")
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model mlp:5 --epochs 1 -q -o run.h5")
    place.fails("nn-predict run.h5 --data test.h5 --noise-std 1 -o no.h5", 65, "has classes")
  }

  /// What a full disk stops has whole samples, and goes on where there is room.
  @Test(.enabled(if: SwaAvgErrorTests.canMount, "needs to mount a small tmpfs"))
  func fullDisk() throws {
    try makeLine(LinearRegression())
    let command = "subspace-sample \(options) --burn-in 5 --samples 20000 --seed 3 -q"
    let outcome = place.run(
      """
      mkdir small && unshare --user --map-root-user --mount sh -c '
      mount -t tmpfs -o size=256k none small && \(command) -o small/s.h5; echo $?
      cp small/s.h5.part part.h5'
      """)
    #expect(outcome.output == "74\n", "\(outcome)")
    #expect(outcome.errors.contains("No space left on device"), "\(outcome)")
    let saved = try numbers("part.h5", "committed")[0]
    #expect(saved > 100 && saved < 20_000)
    place.succeeds("nn-predict part.h5 --last 3 --data data.h5 --noise-std 1 -q -o /dev/null")
    place.succeeds("\(command) --resume -o part.h5 && \(command) -o whole.h5")
    #expect(try numbers("part.h5", "coordinates") == numbers("whole.h5", "coordinates"))
  }

  @Test func badInput() throws {
    try makeLine(LinearRegression())
    let sample = "subspace-sample \(options)"
    place.fails("\(sample) --samples 0 -o no.h5", 64, "--samples must be")
    place.fails("\(sample) --chains 0 -o no.h5", 64, "--chains must be")
    place.fails("\(sample) --temperature 0 -o no.h5", 64, "--temperature must be positive")
    place.fails("\(sample) --burn-in -1 -o no.h5", 64, "--burn-in")
    place.fails("\(sample) --method none -o no.h5", 64, "none")
    place.fails("\(sample) --method vi --chains 2 -o no.h5", 64, "--chains and --burn-in belong")
    place.fails("\(sample) --epochs 2 -o no.h5", 64, "--epochs and --learning-rate belong")
    place.fails("\(sample) --covariance full -o no.h5", 64, "--covariance belongs")
    place.fails("\(sample) --resume > /dev/null", 64, "--resume needs -o FILE")
    place.fails("subspace-sample space.h5 --data none.h5 -o no.h5", 66, "none.h5: no such file")
    place.fails("subspace-sample none.h5 --data data.h5 -o no.h5", 66, "none.h5: no such file")
    place.fails("subspace-sample at.h5 --data data.h5 -o no.h5", 65, "at.h5: holds trajectory")
    place.fails("subspace-sample space.h5 --data data.h5 -o no.h5", 65, "--noise-std")
    place.fails("\(sample) -o none/no.h5", 73, "no such file or directory")
    place.fails("\(sample) > /dev/full", 74, "No space left on device")
    try place.dataset(
      "wide.h5", inputs: [1, 2, 3, 4, 5, 6], shape: [2, 3], values: [1, 2])
    place.fails(
      "subspace-sample space.h5 --data wide.h5 --noise-std 1 -o no.h5", 65, "inputs")
    place.succeeds("nn-data synth digits --count 20 -o digits.h5")
    place.fails("subspace-sample space.h5 --data digits.h5 -o no.h5", 65, "inputs")
    // A chain that starts where outputs are no numbers, and a subspace with a hole.
    let file = try HDF5File.open(place.file("space.h5"), writable: true)
    try file.dataset("shift/fc.weight").write([3e38, 3e38] as [Float])
    try file.close()
    place.fails("\(sample) -o no.h5", 65, "the log-likelihood at the start of chain 0 is -inf")
    let other = try HDF5File.open(place.file("space.h5"), writable: true)
    try other.dataset("components/fc.bias").write([1, .nan, 0] as [Float])
    try other.close()
    place.fails("\(sample) -o no.h5", 65, "space.h5: components/fc.bias: NaN in row 1, element 0")
  }
}
