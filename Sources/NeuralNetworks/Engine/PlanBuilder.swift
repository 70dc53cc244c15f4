import COneDNN
import WeightSpace

/// Draws up a plan: walks the graph forward, lets each layer append its steps, and walks back.
///
/// Every node has a value (its result in memory). In a plan with a backward pass values live until
/// their gradients are done; otherwise a value's buffer is free again after its last reader.
struct PlanBuilder {
  let network: Network
  let options: PlanOptions
  let batchSize: Int
  /// The one physical order of all activations.
  let preferred: odnn_format
  let vectors = FlatVectors()
  let dropout = DropoutState()
  let input: Memory

  var pool = BufferPool()
  var bindings = PlanBindings()
  var prepare: [PlanStep] = []
  var forward: [PlanStep] = []
  var tangent: [PlanStep] = []
  var backward: [PlanStep] = []
  var statistics: [BatchStatistics] = []
  var taps: [Tap] = []
  var implementations: [String] = []
  var outputs: Memory?
  var outputGradient: Memory?
  var outputTangent: Memory?
  var outputGradientTangent: Memory?

  /// By node: result, gradient, readers that are still to come, whether anything before it learns.
  private(set) var values: [Memory?]
  private var gradients: Lanes
  /// By node: the derivative of its result along the direction; nil where that is zero, because
  /// nothing before it learns.
  private var tangents: [Memory?]
  private(set) var consumers: [[Int]]
  private(set) var needsGradient: [Bool]
  /// Nodes whose work an earlier node already does.
  private(set) var absorbed: Set<Int> = []
  private var pendingReaders: [Int]
  private var packings: [(plain: Memory, packed: Memory)] = []
  private var rules: [Int: BackwardRule] = [:]
  private var tangentRules: [Int: (inout PlanBuilder) throws -> Void] = [:]

  init(_ network: Network, _ options: PlanOptions, batchSize: Int) throws {
    self.network = network
    self.options = options
    self.batchSize = batchSize
    preferred = Self.preferredFormat(network)
    let count = network.nodes.count
    values = Array(repeating: nil, count: count)
    gradients = Lanes(value: values, tangent: values)
    tangents = values
    consumers = Array(repeating: [], count: count)
    needsGradient = Array(repeating: false, count: count)
    for (i, node) in network.nodes.enumerated() {
      for j in node.inputs { consumers[j].append(i) }
      needsGradient[i] =
        !node.type.parameters.isEmpty
        || node.inputs.contains { [needsGradient] in needsGradient[$0] }
    }
    pendingReaders = consumers.map(\.count)
    input = try Memory(Layout([batchSize] + network.inputShape, ODNN_ROW_MAJOR), nil)
    values[0] = input
  }

  /// Blocks of channels where every convolution's channels fill them, else channels last: both run
  /// at full speed, but blocks pad what does not fill them.
  private static func preferredFormat(_ network: Network) -> odnn_format {
    let block = Int(odnn_block())
    let fits = network.nodes.allSatisfy { node in
      !(node.type is Convolution) || node.shape[0] % block == 0
    }
    return fits ? ODNN_BLOCKED : ODNN_CHANNELS_LAST
  }

  mutating func build() throws {
    for i in 1..<network.nodes.count where !absorbed.contains(i) {
      try network.nodes[i].type.forward(i, in: &self)
      releaseInputs(of: i)
    }
    let last = network.nodes.count - 1
    let rowMajor = try Layout(value(last).layout.shape, ODNN_ROW_MAJOR)
    let result = try reordered(value(last), rowMajor, in: .forward)
    outputs = result
    if options.contains(.tangent) { try buildTangent() }
    if options.contains(.backward) { try buildBackward(result.layout) }
  }

  private mutating func buildTangent() throws {
    pendingReaders = consumers.map(\.count)
    let last = network.nodes.count - 1
    for i in 1...last {
      try tangentRules[i]?(&self)
      if options.contains(.secondOrder) { continue }
      for j in network.nodes[i].inputs {
        pendingReaders[j] -= 1
        if pendingReaders[j] == 0, let buffer = tangents[j]?.buffer { pool.give(buffer) }
      }
    }
    let end = tangents[last]!
    outputTangent = try reordered(end, Layout(end.layout.shape, ODNN_ROW_MAJOR), in: .tangent)
  }

  private mutating func buildBackward(_ layout: Layout) throws {
    let last = network.nodes.count - 1
    outputGradient = try newMemory(layout)
    gradients.value[last] = outputGradient
    if options.contains(.secondOrder) {
      outputGradientTangent = try newMemory(layout)
      gradients.tangent[last] = outputGradientTangent
    }
    for i in stride(from: last, to: 0, by: -1) where needsGradient[i] {
      guard let gradient = gradients.value[i] else { continue }
      let second = gradients.tangent[i]
      try rules[i]?.apply(&self, gradient, second)
      gradients.value[i] = nil
      gradients.tangent[i] = nil
      for case let done? in [gradient, second] where !isOutputGradient(done) {
        if let buffer = done.buffer { pool.give(buffer) }
      }
      if let buffer = values[i]?.buffer, values[i] !== outputs { pool.give(buffer) }
      if options.contains(.secondOrder), let buffer = tangents[i]?.buffer { pool.give(buffer) }
    }
  }

  // MARK: What layers say of themselves

  func value(_ i: Int) -> Memory {
    guard let value = values[i] else { preconditionFailure("node \(i) is read before it is made") }
    return value
  }

  /// Node i's result.
  mutating func setValue(_ i: Int, _ memory: Memory) { values[i] = memory }

  /// The network's input under another shape, bound to every batch like the input itself.
  mutating func inputView(_ layout: Layout) throws -> Memory {
    let view = try Memory(layout, nil)
    bindings.input.append(view)
    return view
  }

  /// Node i's result is node j's memory.
  mutating func alias(_ i: Int, _ memory: Memory) {
    memory.buffer?.users += 1
    values[i] = memory
  }

  /// Node j's work is already done by the steps of an earlier node; its result is `memory`.
  mutating func absorb(_ j: Int, _ memory: Memory) {
    absorbed.insert(j)
    alias(j, memory)
    releaseInputs(of: j)
  }

  /// How node i turns its result's gradient into those of its inputs and parameters.
  mutating func onBackward(
    _ i: Int, _ rule: @escaping (inout PlanBuilder, Memory) throws -> Void
  ) {
    guard needsGradient[i], options.contains(.backward), !options.contains(.secondOrder) else {
      return
    }
    rules[i] = .gradient(rule)
  }

  /// The same for a node without parameters whose backward pass is linear, with coefficients that do
  /// not depend on what it reads: gradients and their tangents go back by one rule.
  mutating func onLinearBackward(
    _ i: Int, _ rule: @escaping (inout PlanBuilder, Memory, Lane) throws -> Void
  ) {
    guard needsGradient[i], options.contains(.backward) else { return }
    rules[i] = .linear(rule)
  }

  /// How node i turns its result's gradient and its tangent into those of its inputs, and into the
  /// tangent of its parameters' gradients.
  mutating func onSecondOrder(
    _ i: Int, _ rule: @escaping (inout PlanBuilder, Memory, Memory) throws -> Void
  ) {
    guard needsGradient[i], options.contains(.secondOrder) else { return }
    rules[i] = .both(rule)
  }

  /// How the tangent of node i's result follows from those of its inputs.
  mutating func onTangent(_ i: Int, _ rule: @escaping (inout PlanBuilder) throws -> Void) {
    guard needsGradient[i], options.contains(.tangent) else { return }
    tangentRules[i] = rule
  }

  /// The only reader of node i, if it is of that type.
  func soleConsumer(_ i: Int, _ type: Layer.Kind) -> Int? {
    guard consumers[i].count == 1, network.nodes[consumers[i][0]].layer.type == type else {
      return nil
    }
    return consumers[i][0]
  }

  /// Whether everyone else who reads node i has already run when node `reader` runs.
  func isLastReader(of i: Int, before reader: Int, except consumer: Int) -> Bool {
    consumers[i].allSatisfy { $0 == consumer || $0 < reader }
  }

  private mutating func releaseInputs(of i: Int) {
    for j in network.nodes[i].inputs {
      pendingReaders[j] -= 1
      if pendingReaders[j] == 0, !options.contains(.backward), let buffer = values[j]?.buffer {
        pool.give(buffer)
      }
    }
  }

  // MARK: Gradients

  func isOutputGradient(_ memory: Memory) -> Bool {
    memory === outputGradient || memory === outputGradientTangent
  }

  /// Adds a contribution (consumed) to the gradient of node i's result, or to that gradient's
  /// tangent.
  mutating func contribute(_ i: Int, _ contribution: Memory, _ lane: Lane = .value) throws {
    guard let existing = gradients[lane][i] else {
      gradients[lane][i] = contribution
      return
    }
    let other = try reordered(existing, contribution.layout, in: .backward)
    let sum =
      contribution.buffer!.users == 1 ? contribution : try newMemory(contribution.layout)
    try run(
      Primitive.binary(ODNN_ADD, contribution.layout),
      [(ODNN_SRC, contribution), (ODNN_SRC_1, other), (ODNN_DST, sum)], in: .backward)
    if other !== existing { pool.give(other.buffer!) }
    pool.give(existing.buffer!)
    if sum !== contribution { pool.give(contribution.buffer!) }
    gradients[lane][i] = sum
  }

  /// A second owner of a memory, to be contributed somewhere.
  func share(_ memory: Memory) -> Memory {
    memory.buffer?.users += 1
    return memory
  }

  // MARK: Tangents

  /// The tangent of node i's result in the order of its value; nil for zero.
  func tangent(_ i: Int) -> Memory? { tangents[i] }

  /// The tangent of node i's result (consumed).
  mutating func setTangent(_ i: Int, _ memory: Memory) { tangents[i] = memory }

  /// Whether the tangent of node i's result may be written over by its reader.
  func isOwnTangent(_ i: Int) -> Bool {
    consumers[i].count == 1 && tangents[i]?.buffer?.users == 1
  }

  /// A tensor in memory of the plan's own and in an order that its own loops know.
  mutating func readable(_ memory: Memory) throws -> Memory {
    if memory.buffer != nil, memory.layout.shape.count != 4 || Grid(memory.layout) != nil {
      return memory
    }
    let copy = try newMemory(activationLayout(Array(memory.layout.shape.dropFirst())))
    try run(
      Primitive.reorder(memory.layout, copy.layout), [(ODNN_SRC, memory), (ODNN_DST, copy)],
      in: .forward)
    return copy
  }

  // MARK: Steps

  /// The parts of a plan.
  enum Pass { case prepare, forward, tangent, backward }

  mutating func append(_ step: PlanStep, to pass: Pass) {
    switch pass {
    case .prepare: prepare.append(step)
    case .forward: forward.append(step)
    case .tangent: tangent.append(step)
    case .backward: backward.append(step)
    }
  }

  mutating func newMemory(_ layout: Layout) throws -> Memory {
    try Memory(layout, pool.take(layout.byteCount))
  }

  /// A layout in the plan's one physical order.
  func activationLayout(_ shape: [Int]) throws -> Layout {
    try Layout([batchSize] + shape, shape.count == 3 ? preferred : ODNN_ROW_MAJOR)
  }

  mutating func run(
    _ primitive: Primitive, _ arguments: [(odnn_argument, Memory)], in pass: Pass
  ) throws {
    append(.call(try Call(primitive, arguments)), to: pass)
    implementations.append(primitive.implementation)
  }

  /// A tensor under another layout in which it has the same bytes.
  func seen(_ memory: Memory, as layout: Layout) throws -> Memory {
    memory.layout == layout ? memory : try Memory(layout, memory.buffer)
  }

  /// The same tensor in another physical order: itself where it has that order already, else another
  /// memory that the caller gives back.
  mutating func reordered(_ memory: Memory, _ layout: Layout, in pass: Pass) throws
    -> Memory
  {
    if memory.layout == layout { return memory }
    if memory.buffer != nil, try memory.layout.hasBytes(of: layout) {
      return share(try seen(memory, as: layout))
    }
    let target = try newMemory(layout)
    append(
      .call(
        try Call(
          Primitive.reorder(memory.layout, layout), [(ODNN_SRC, memory), (ODNN_DST, target)])),
      to: pass)
    return target
  }

  // MARK: Parameters

  /// Where a parameter tensor of node i starts in the flat weight vector.
  func offset(_ i: Int, _ tensor: String) -> Int { parameterSlot(i, tensor).range.lowerBound }

  private func parameterSlot(_ i: Int, _ tensor: String) -> TensorSlot {
    network.parameterLayout["\(network.nodes[i].layer.name).\(tensor)"]!
  }

  /// A parameter tensor of node i in its plain order, in the flat weight vector.
  mutating func parameter(_ i: Int, _ tensor: String) throws -> Memory {
    let slot = parameterSlot(i, tensor)
    let memory = try Memory(Layout(slot.shape, ODNN_ROW_MAJOR), nil)
    bindings.weights.append((memory, slot.range.lowerBound))
    return memory
  }

  /// A parameter tensor's place in the flat gradient.
  mutating func parameterGradient(_ i: Int, _ tensor: String) throws -> Memory {
    let slot = parameterSlot(i, tensor)
    let memory = try Memory(Layout(slot.shape, ODNN_ROW_MAJOR), nil)
    bindings.gradient.append((memory, slot.range.lowerBound))
    return memory
  }

  /// A parameter tensor's place in the direction.
  mutating func direction(_ i: Int, _ tensor: String) throws -> Memory {
    let slot = parameterSlot(i, tensor)
    let memory = try Memory(Layout(slot.shape, ODNN_ROW_MAJOR), nil)
    bindings.direction.append((memory, slot.range.lowerBound))
    return memory
  }

  /// A running statistic's place in the flat vector of statistics.
  mutating func statistic(_ i: Int, _ tensor: String) throws -> Memory {
    let slot = network.bufferLayout["\(network.nodes[i].layer.name).\(tensor)"]!
    let memory = try Memory(Layout(slot.shape, ODNN_ROW_MAJOR), nil)
    bindings.statistics.append((memory, slot.range.lowerBound))
    return memory
  }

  /// `plain` in the order that a primitive wants, refreshed whenever weights are prepared.
  mutating func packed(_ plain: Memory, _ layout: Layout) throws -> Memory {
    if plain.layout == layout { return plain }
    if let known = packings.first(where: { $0.plain === plain && $0.packed.layout == layout }) {
      return known.packed
    }
    let target = try Memory(layout, Buffer(byteCount: layout.byteCount))
    prepare.append(
      .call(
        try Call(Primitive.reorder(plain.layout, layout), [(ODNN_SRC, plain), (ODNN_DST, target)])))
    packings.append((plain, target))
    return target
  }
}
