import Datasets
import NeuralNetworks

/// The predictive distribution averaged over snapshots (Bayesian model averaging): for classes the
/// mean of the members' probabilities, never of logits; for a regression mean and variance of the
/// equal mixture of the members' Gaussians,
///
///     μ = mean mₛ,   σ² = mean σₛ² + mean (mₛ − μ)²   (aleatoric + epistemic),
///
/// in the targets' own units. Sums in Double. Memory: 8 bytes a row and class, 24 a row and target, of
/// the rows that it is of.
public struct PredictiveMean {
  public let dataset: Dataset
  /// The rows that are predicted.
  public let rows: Range<Int>
  /// C, or D targets.
  public let width: Int
  public let isRegression: Bool
  public private(set) var memberCount = 0
  private let form: OutputForm
  /// The aleatoric variance of networks that predict none, in the targets' own units squared.
  private let noiseVariance: Double
  private var first: [Double]
  private var second: [Double]
  private var noise: [Double]

  /// - Parameters:
  ///   - rows: all by default; they begin with a batch.
  ///   - noiseStd: the standard deviation of the targets' noise, in their own units, for a network that
  ///     does not predict it.
  public init(
    _ dataset: Dataset, _ network: Network, rows: Range<Int>? = nil, noiseStd: Double = 0
  ) {
    self.init(
      dataset, OutputForm(network, for: dataset), rows: rows, noiseStd: noiseStd)
  }

  /// As `init(_:_:rows:noiseStd:)`, for outputs of that form, whoever computes them.
  public init(
    _ dataset: Dataset, _ form: OutputForm, rows: Range<Int>? = nil, noiseStd: Double = 0
  ) {
    self.dataset = dataset
    self.rows = rows ?? 0..<dataset.count
    self.form = form
    noiseVariance = noiseStd * noiseStd
    isRegression = form.isRegression
    width = form.width
    let count = self.rows.count * width
    first = Array(repeating: 0, count: count)
    second = Array(repeating: 0, count: isRegression ? count : 0)
    noise = second
  }

  /// One member's own predictions for some rows.
  public struct Rows {
    public var range: Range<Int>
    /// Probabilities, or means.
    public var values: [Float]
    /// Aleatoric variances of a regression.
    public var variances: [Float]
  }

  /// Adds the member whose weights the predictor holds; `each` gets its own rows.
  ///
  /// - Throws: `NonFiniteOutput`, and what `each` throws.
  public mutating func add(
    _ predictor: Predictor, progress: (Int) -> Void = { _ in },
    each: ((Rows) throws -> Void)? = nil
  ) throws {
    precondition(rows.lowerBound % predictor.batchSize == 0, "rows begin with a batch")
    var loader = BatchLoader(dataset, batchSize: predictor.batchSize)
    var batch = Batch()
    var row = rows.lowerBound
    while row < rows.upperBound {
      loader.load(batch: row / predictor.batchSize, into: &batch)
      let count = min(batch.count, rows.upperBound - row)
      let part = try predictor.predict(batch.inputs, count: count) { outputs in
        try add(outputs, row..<(row + count), keep: each != nil)
      }
      try each?(part)
      row += count
      progress(count)
    }
    memberCount += 1
  }

  /// Adds the member whose outputs for some rows `outputs` gives, so many rows at a time.
  ///
  /// - Throws: `NonFiniteOutput`, and what `each` and `outputs` throw.
  public mutating func add(
    rowsAtATime: Int, _ outputs: (Range<Int>) throws -> [Float],
    each: ((Rows) throws -> Void)? = nil
  ) throws {
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsAtATime) {
      let range = start..<min(start + rowsAtATime, rows.upperBound)
      let block = try outputs(range)
      let part = try add(block.span, range, keep: each != nil)
      try each?(part)
    }
    memberCount += 1
  }

  private mutating func add(
    _ outputs: Span<Float>, _ range: Range<Int>, keep: Bool
  ) throws -> Rows {
    try outputs.requireFinite(width: form.count, firstExample: range.lowerBound)
    var part = Rows(range: range, values: [], variances: [])
    let row = range.lowerBound - rows.lowerBound
    if isRegression {
      addMoments(outputs, range.count, row, &part, keep: keep)
    } else if form.meaning == .probabilities {
      for i in 0..<outputs.count { first[row * width + i] += Double(outputs[i]) }
      if keep { part.values = (0..<outputs.count).map { outputs[$0] } }
    } else {
      addProbabilities(outputs, range.count, row, &part, keep: keep)
    }
    return part
  }

  private mutating func addProbabilities(
    _ outputs: Span<Float>, _ count: Int, _ row: Int, _ part: inout Rows, keep: Bool
  ) {
    guard keep else {
      return addSoftmax(of: outputs, count: count, width: width, to: &first, at: row)
    }
    var own = [Float](repeating: 0, count: count * width)
    addSoftmax(of: outputs, count: count, width: width, to: &first, at: row) { own[$0] = Float($1) }
    part.values = own
  }

  private mutating func addMoments(
    _ outputs: Span<Float>, _ count: Int, _ row: Int, _ part: inout Rows, keep: Bool
  ) {
    if keep {
      part.values = Array(repeating: 0, count: count * width)
      part.variances = part.values
    }
    let stride = form.count
    let isNormalized = !form.isInTargetUnits
    for n in 0..<count {
      for d in 0..<width {
        let unit = dataset.targetStd.isEmpty || !isNormalized ? 1 : Double(dataset.targetStd[d])
        let origin = dataset.targetMean.isEmpty || !isNormalized ? 0 : Double(dataset.targetMean[d])
        let mean = Double(outputs[n * stride + d]) * unit + origin
        let variance =
          form.predictsVariance
          ? Double(outputs[n * stride + width + d]) * unit * unit : noiseVariance
        let i = (row + n) * width + d
        // Welford's update, so that close members lose no digits.
        let before = mean - first[i]
        first[i] += before / Double(memberCount + 1)
        second[i] += before * (mean - first[i])
        noise[i] += variance
        if keep {
          part.values[n * width + d] = Float(mean)
          part.variances[n * width + d] = Float(variance)
        }
      }
    }
  }

  /// Averaged probabilities [N, C].
  public var probabilities: [Float] { first.map { Float($0 / Double(max(memberCount, 1))) } }
  /// Means [N, D].
  public var mean: [Float] { first.map(Float.init) }
  public var aleatoricVariance: [Float] { noise.map { Float($0 / Double(max(memberCount, 1))) } }
  public var epistemicVariance: [Float] { second.map { Float($0 / Double(max(memberCount, 1))) } }
  public var variance: [Float] {
    zip(noise, second).map { Float(($0 + $1) / Double(max(memberCount, 1))) }
  }
}
