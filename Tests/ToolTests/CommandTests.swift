import Files
import Foundation
import HDF5
import TestSupport
import Testing

/// `--command`: workers in the shell, which hand out what networks of the suite gave.
@Suite struct CommandTests {
  let place = Workplace()

  /// `worker`, which hands out `out-0.npy`, `out-1.npy` … one after the other, and `log`, what it was asked.
  func makeWorker(_ greeting: String) {
    place.write(
      "worker",
      """
      n=0
      echo "weightspace 1 \(greeting)"
      while read -r verb in out; do
        echo "$verb $(wc -c < "$in") $WEIGHTSPACE_DATA $WEIGHTSPACE_BATCH_SIZE" >> log
        cp "out-$n.$([ "$verb" = refresh ] && echo safetensors || echo npy)" "$out" && echo ok
        n=$((n + 1))
      done
      """)
  }

  func writeNpy(_ name: String, _ numbers: [Float], _ shape: [Int]) {
    var bytes = Data(NpyHeader.bytes(descriptor: "<f4", shape: shape))
    numbers.withUnsafeBytes { bytes.append(contentsOf: $0) }
    place.write(name, bytes)
  }

  func floats(_ file: String, _ path: String) throws -> [Float] {
    try HDF5File.open(place.file(file)).dataset(path).read(Float.self)
  }

  /// The predictions and the table of a network of the suite are those of a worker that gives its outputs:
  /// a probability is rounded to Float once more, the sums of four are in Double.
  @Test func classification() throws {
    place.makeDigits(train: 60, test: 50)
    place.succeeds("nn-train train.h5 --model small.json --epochs 4 -q -o run.h5")
    place.succeeds("nn-predict run.h5 --data test.h5 --members -q -o native.h5")
    let members = try floats("native.h5", "members/probabilities")
    for k in 0..<4 {
      writeNpy("out-\(k).npy", Array(members[(k * 500)..<((k + 1) * 500)]), [50, 10])
    }
    makeWorker("outputs=probabilities")
    place.succeeds(
      "nn-predict run.h5 --data test.h5 --command 'sh worker' --members -b 7 -q -o p.h5")
    #expect(try floats("p.h5", "members/probabilities") == members)
    for (a, b) in zip(
      try floats("p.h5", "probabilities"), try floats("native.h5", "probabilities"))
    { #expect(abs(a - b) < 1e-7) }
    #expect(try floats("p.h5", "targets") == floats("native.h5", "targets"))
    let (a, b) = (
      try HDF5File.open(place.file("p.h5")), try HDF5File.open(place.file("native.h5"))
    )
    #expect(try a.integerAttribute("snapshot_count") == 4)
    #expect(try a.stringsAttribute("classes") == b.stringsAttribute("classes"))
    let log = String(decoding: place.bytes("log"), as: UTF8.self).split(separator: "\n")
    #expect(log.count == 4 && log.allSatisfy { $0.hasPrefix("predict ") })
    #expect(log.allSatisfy { $0.hasSuffix(" test.h5 7") })
    #expect(place.listing.filter { $0.hasPrefix(".weightspace") }.isEmpty)

    // nn-eval, over two operands.
    let native = place.succeeds("nn-eval run.h5 --data test.h5 -q").table
    let found = place.succeeds(
      "nn-eval 'run.h5[:2]' 'run.h5[2:]' --data test.h5 --command 'sh worker' -q"
    ).table
    #expect(found.count == 5 && found[0] == native[0])
    for (a, b) in zip(found.dropFirst(), native.dropFirst()) {
      #expect(Array(a.dropLast(2)) == Array(b.dropLast(2)))
      #expect(a.last == b.last)
      let (x, y) = (Double(a[a.count - 2])!, Double(b[b.count - 2])!)
      #expect(abs(x - y) < 1e-5 * max(1, y))
    }
    place.succeeds("nn-eval run.h5 --data test.h5 --command 'sh worker' --summary -q")

    // Without data the worker alone knows how many rows there are.
    let remark = place.succeeds("nn-predict run.h5 --command 'sh worker' -o own.h5").errors
    #expect(remark.contains("has no targets"))
    #expect(try floats("own.h5", "probabilities") == floats("p.h5", "probabilities"))
    #expect(try !HDF5File.open(place.file("own.h5")).exists("targets"))
  }

  /// Means and variances of two members in the targets' own units, by hand.
  @Test func regression() throws {
    try place.dataset(
      "d.h5", inputs: [1, 2, 3], shape: [3, 1], values: [1, 2, 4])
    place.write("n.json", #"{"name": "regnet:3", "input": [1], "outputs": 2}"#)
    place.succeeds("nn-train d.h5 --model n.json --loss gaussian --epochs 2 -b 3 -q -o run.h5")
    makeWorker("outputs=mean-variance")
    writeNpy("out-0.npy", [1, 0.25, 2, 0.5, 3, 1], [3, 2])
    writeNpy("out-1.npy", [3, 0.75, 2, 0.5, 5, 1], [3, 2])
    place.succeeds("nn-predict run.h5 --data d.h5 --command 'sh worker' -q -o p.h5")
    #expect(try floats("p.h5", "mean") == [2, 2, 4])
    #expect(try floats("p.h5", "aleatoric_variance") == [0.5, 0.5, 1])
    #expect(try floats("p.h5", "epistemic_variance") == [1, 0, 1])
    #expect(try floats("p.h5", "targets") == [1, 2, 4])
    let table = place.succeeds("nn-eval run.h5 --last 1 --data d.h5 --command 'sh worker' -q").table
    #expect(abs(Double(table[1].last!)! - (1.0 / 3).squareRoot()) < 1e-6)
    makeWorker("outputs=values")
    for k in 0..<2 { writeNpy("out-\(k).npy", [1, 2, Float(3 + 2 * k)], [3]) }
    place.succeeds(
      "nn-predict run.h5 --data d.h5 --noise-std 2 --command 'sh worker' -q -o v.h5")
    #expect(try floats("v.h5", "mean") == [1, 2, 4])
    #expect(try floats("v.h5", "variance") == [4, 4, 5])
  }

  /// A worker that gives the statistics that bn-update computed gives the trajectory that it wrote.
  @Test func statistics() throws {
    place.makeDigits(train: 60, test: 20)
    place.succeeds("nn-train train.h5 --model small.json --epochs 3 -q -o run.h5")
    place.succeeds("bn-update run.h5 --data train.h5 -q -o native.h5")
    for k in 0..<3 {
      place.succeeds("nn-convert 'native.h5[\(k)]' -q -o out-\(k).safetensors")
    }
    makeWorker("")
    place.succeeds("bn-update run.h5 --command 'sh worker' -q -o fresh.h5")
    try place.expectSameContents("native.h5", "fresh.h5")
    place.succeeds("weights-check fresh.h5")
    // Points of a line stay mixtures, and get statistics for the first time.
    place.succeeds("curve-sample --line 'run.h5[0]' 'run.h5[2]' --points 3 -o line.h5")
    place.succeeds("bn-update line.h5 --command 'sh worker' -q -o line-fresh.h5")
    let file = try HDF5File.open(place.file("line-fresh.h5"))
    #expect(file.exists("coordinates") && file.exists("buffers"))
    // Another tensor than the file has.
    place.succeeds("nn-convert 'native.h5[0]' -q -o out-1.safetensors")
    place.write("out-1.safetensors", place.bytes("out-1.safetensors").prefix(300))
    place.fails(
      "bn-update run.h5 --command 'sh worker' -q -o out.h5", 65,
      "sh worker: snapshot 1 of run.h5: statistics.safetensors that it wrote: ")
  }

  @Test func workersThatFail() throws {
    place.makeDigits(train: 20, test: 10)
    place.succeeds("nn-train train.h5 --model small.json --epochs 1 -q -o run.h5")
    let hello = "echo weightspace 1 outputs=logits; read -r line;"
    for (script, status, words) in [
      ("exit 7", 74, "exec sh w: its greeting: ended with status 7"),
      ("\(hello) exit 7", 74, "exec sh w: snapshot 0 of run.h5: ended with status 7"),
      ("\(hello) kill -9 $$", 74, "signal 9"), ("\(hello) sleep 1000", 74, "--timeout"),
      ("\(hello) echo error no memory", 65, "with an error: no memory"),
      ("\(hello) echo yes", 65, "'yes', which is neither"),
      ("\(hello) set -- $line; cp run.h5 $3; echo ok", 65, "NumPy"),
      ("\(hello) set -- $line; cp few.npy $3; echo ok", 65, "4 rows, but test.h5 has 10 examples"),
    ] as [(String, Int32, String)] {
      writeNpy("few.npy", Array(repeating: 1, count: 40), [4, 10])
      place.write("w", script)
      for tool in ["nn-eval", "nn-predict -o out.h5"] {
        place.fails(
          "\(tool) run.h5 --data test.h5 --command 'exec sh w' --timeout 1 -q", status, words)
      }
    }
    let ten = Array(repeating: Float(1), count: 20)
    writeNpy("two.npy", ten, [10, 2])
    place.write("w", "\(hello) set -- $line; cp two.npy $3; echo ok")
    place.fails(
      "nn-eval run.h5 --data test.h5 --command 'sh w' -q", 65, "are of 2 classes")
    place.write("w", "echo weightspace 1 outputs=values; read -r v i o; cp two.npy $o; echo ok")
    place.fails("nn-predict run.h5 --data test.h5 --command 'sh w' -q -o out.h5", 65, "are classes")
  }

  @Test func usage() {
    for (command, words) in [
      ("nn-predict run.h5", "issing expected argument '--data <data>'"),
      ("bn-update run.h5", "issing expected argument '--data <data>'"),
      ("nn-eval run.h5 --data d.h5 --timeout 3", "--timeout belongs to --command"),
      ("nn-eval run.h5 --data d.h5 --command w --timeout 0", "positive"),
      ("nn-predict run.h5 --command w --model lenet5", "--model is for networks of the suite"),
      ("nn-predict run.h5 --command w --mc-dropout 3", "--mc-dropout is for networks"),
      ("bn-update run.h5 --command w --fraction 0.5", "--fraction is for networks"),
      ("nn-predict run.h5 --command ' '", "--command needs a program"),
      ("nn-predict run.h5 --command w --data -", "data in a file"),
    ] {
      place.fails(command, 64, words)
    }
  }

  /// An interrupt ends the worker and its children, and takes the folder away.
  @Test func interrupted() throws {
    place.makeDigits(train: 20, test: 10)
    place.succeeds("nn-train train.h5 --model small.json --epochs 1 -q -o run.h5")
    place.write(
      "w",
      "sleep 1000 & echo $! > child; echo weightspace 1 outputs=logits; read -r l; echo > ready; sleep 1000"
    )
    for (signal, status) in [("TERM", "143\n"), ("HUP", "129\n")] {
      let before = Set(place.listing).union(["child", "out"])
      let outcome = place.run(
        """
        nn-predict run.h5 --command 'sh w' -q -o p.h5 & tool=$!
        while ! [ -e ready ]; do sleep 0.05; done
        rm ready; kill -\(signal) $tool; wait $tool; echo $? > out
        for i in $(seq 100); do
          kill -0 $(cat child) 2>/dev/null || exit 0
          grep -q ') Z ' /proc/$(cat child)/stat && exit 0
          sleep 0.05
        done
        exit 9
        """)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(String(decoding: place.bytes("out"), as: UTF8.self) == status)
      #expect(Set(place.listing) == before)
    }
  }
}
