import Foundation

/// The most address space that this process has asked for so far, in KiB.
func addressSpaceKiB() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmPeak:") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
}
