import Bridge
import Files
import Foundation
import Testing

/// The protocol, spoken by shell scripts: each answer that is wrong is one error.
@Suite struct WorkerTests {
  /// The error of a worker whose script this is, asked once for outputs.
  func error(_ script: String, timeout: Double = 20) -> FileError? {
    do {
      let worker = try Worker(script, timeout: timeout)
      let outputs = try worker.predict("snapshot 0") { try "weights".write(toFile: $0) }
      _ = try worker.naming("snapshot 0") { try outputs.floats(0..<outputs.rows) }
      return nil
    } catch let error as FileError { return error } catch {
      Issue.record("\(error)")
      return nil
    }
  }

  /// A worker that greets so and then answers each line by running `answer`.
  func script(_ answer: String) -> String { script("weightspace 1 outputs=logits", answer) }
  func script(_ greeting: String, _ answer: String) -> String {
    "echo '\(greeting)'; while read -r verb in out; do \(answer); done"
  }

  /// An answer that writes these numbers as an npy file.
  func npy(_ numbers: [Float], _ shape: [Int], cut: Int = 0) -> String {
    var bytes = NpyHeader.bytes(descriptor: "<f4", shape: shape)
    for number in numbers {
      let bits = number.bitPattern
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
    let text = bytes.dropLast(cut).map { "\\" + String(Int($0) + 512, radix: 8).suffix(3) }
    return "printf '\(text.joined())' > $out; echo ok"
  }

  @Test func numbersComeBack() throws {
    let worker = try Worker(script(npy([1, 2, 3, 4, 5, 6], [3, 2])), timeout: 20)
    for k in 0..<3 {
      let outputs = try worker.predict("\(k)") { try "weights".write(toFile: $0) }
      #expect(outputs.rows == 3 && outputs.columns == 2)
      #expect(try outputs.floats(1..<3) == [3, 4, 5, 6])
    }
    #expect(worker.meaning == .logits)
  }

  /// It gets the weights, the data's name and what else its environment is to hold.
  @Test func environment() throws {
    let worker = try Worker(
      script("echo error \"$(cat $in) $WEIGHTSPACE_DATA $X\""), data: "data.h5",
      environment: ["X": "y"], timeout: 20)
    let error = try #require(throws: FileError.self) {
      try worker.predict("snapshot 0") { try "the-weights".write(toFile: $0) }
    }
    #expect(error.kind == .wrongData)
    #expect(error.problem.contains("the-weights data.h5 y"))
  }

  @Test func workersThatEnd() {
    for (script, words) in [
      ("exit 3", "ended with status 3"), ("kill -9 $$", "signal 9"),
      ("no-such-program-at-all 2>/dev/null", "could not be started"),
      (self.script("exit 0"), "ended with status 0"),
    ] {
      let error = error(script)
      #expect(error?.kind == .inputOutput, "\(script)")
      #expect(error?.problem.contains(words) == true, "\(String(describing: error))")
    }
  }

  @Test func workersThatHang() {
    for script in ["sleep 1000", script("sleep 1000")] {
      let start = Date()
      let error = error(script, timeout: 0.3)
      #expect(error?.kind == .inputOutput)
      #expect(error?.problem.contains("within 0.3 seconds") == true)
      #expect(error?.problem.contains("--timeout") == true)
      #expect(Date().timeIntervalSince(start) < 10)
    }
  }

  @Test func wrongWords() {
    for (script, words) in [
      ("echo hello; sleep 9", "says 'hello'"), ("echo; sleep 9", "says ''"),
      ("echo weightspace 2 outputs=logits; sleep 9", "version '2'"),
      ("echo weightspace 1 outputs=dreams; sleep 9", "outputs= is one of"),
      ("echo weightspace 1; sleep 9", "does not say what its outputs are"),
      ("yes | tr -d '\\n'", "more than 65536 bytes"), ("yes", "says 'y'"),
      (script("echo done"), "neither 'ok' nor"),
      (script("echo error out of memory"), ": out of memory"),
      (script("echo ok"), "is not there"),
      ("echo weightspace 1 outputs=logits; echo Loading; sleep 9", "'Loading'"),
    ] {
      let error = error(script)
      #expect(error?.kind == .wrongData, "\(script)")
      #expect(error?.problem.contains(words) == true, "\(script): \(String(describing: error))")
      #expect("\(error!)".contains("\n") == false)
    }
  }

  @Test func wrongNumbers() {
    let p = "weightspace 1 outputs=probabilities"
    for (script, words) in [
      (script("echo hello > $out; echo ok"), "NumPy"),
      (script(npy([1, 2, 3, 4], [2, 2], cut: 3)), "cut off"),
      (script(npy([1, 2], [2])), "shape [2]"), (script(npy([], [0, 2])), "shape [0, 2]"),
      (script(npy([1, .nan, 3, 4], [2, 2])), "nan in row 0"),
      (script(npy([1, 2, 3, .infinity], [2, 2])), "inf in row 1"),
      (script(p, npy([0.5, 0.5, 0.6, 0.5], [2, 2])), "sum to 1.1 in row 1; are they logits?"),
      (script(p, npy([0.5, 0.5, -1, 2], [2, 2])), "-1.0 in row 1"),
      (
        script("weightspace 1 outputs=mean-variance", npy([0.5, 0.5, 1, -1], [2, 2])),
        "-1.0 for a variance in row 1"
      ),
      (script("weightspace 1 outputs=mean-variance", npy([1, 2, 3], [1, 3])), "shape [1, 3]"),
    ] {
      let error = error(script)
      #expect(error?.kind == .wrongData, "\(words)")
      #expect(error?.problem.contains(words) == true, "\(words): \(String(describing: error))")
    }
  }

  /// Rows must be those of the data, and columns those of the first outputs.
  @Test func shapesAgree() throws {
    let worker = try Worker(
      script(npy([1, 2, 3, 4], [2, 2])), data: "data.h5", rows: 3, timeout: 20)
    let error = try #require(throws: FileError.self) {
      try worker.predict("snapshot 0") { try "weights".write(toFile: $0) }
    }
    #expect(error.problem.contains("2 rows, but data.h5 has 3 examples"))
  }

  /// Nothing of a worker, its children and its folder is left.
  @Test func nothingIsLeft() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/bridge-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let script = """
      sleep 1000 & echo $! > \(folder); \(script("mkdir -p $(dirname $in)/a/b; touch $(dirname $in)/a/b/c; dirname $in >> \(folder); " + npy([1, 2], [1, 2])))
      """
    do {
      let worker = try Worker(script, timeout: 20)
      _ = try worker.predict("snapshot 0") { try "weights".write(toFile: $0) }
    }
    let lines = try String(contentsOfFile: folder, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2)
    // A killed child is nobody's until init reaps it.
    var isThere = true
    for _ in 0..<200 where isThere {
      isThere = kill(pid_t(lines[0])!, 0) == 0 && !Self.isZombie(String(lines[0]))
      if isThere { usleep(10_000) }
    }
    #expect(!isThere, "a child goes on")
    #expect(!FileManager.default.fileExists(atPath: String(lines[1])))
  }

  static func isZombie(_ pid: String) -> Bool {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    return text.contains(") Z ")
  }
}

extension String {
  fileprivate func write(toFile path: String) throws {
    try write(toFile: path, atomically: false, encoding: .utf8)
  }
}
