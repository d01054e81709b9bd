import Casework
import Testing

@Suite("How names are read")
struct PinyinTests {
    let pinyin = Pinyin.standard

    @Test(
        "A surname is read as a surname at the beginning of a name, and nowhere else",
        arguments: [
            ("曾国藩", "zeng guo fan"), ("单雄信", "shan xiong xin"), ("仇英", "qiu ying"), ("解缙", "xie jin"),
            ("区寄", "ou ji"), ("任曾", "ren ceng"), ("王单", "wang dan"), ("尉迟恭", "yu chi gong"),
            ("欧阳修", "ou yang xiu"), ("覃小梅", "qin xiao mei"), ("查良镛", "zha liang yong"), ("吕丽", "lv li"),
            ("王Anna", "wang a n n a"), ("", ""), ("曾", "ceng"),
        ])
    func surnames(name: String, reading: String) {
        #expect(pinyin.syllables(ofName: name).joined(separator: " ") == reading)
    }

    @Test("The initials of a name are those of its syllables")
    func initials() {
        #expect(pinyin.initials(ofName: "王小明") == "wxm")
        #expect(pinyin.initials(ofName: "单田芳") == "stf")
    }

    @Test(
        "Names sound alike if each character may be read as the one in its place",
        arguments: [
            ("王梓涵", "王子晗", true), ("覃燕", "秦艳", true), ("单丽", "山莉", true), ("单丽", "丹莉", true),
            ("王伟", "王芳", false), ("王伟", "王伟伟", false), ("", "", false), ("乐乐", "月勒", true),
        ])
    func alike(left: String, right: String, isAlike: Bool) {
        #expect(pinyin.soundsAlike(left, right) == isAlike)
        #expect(pinyin.soundsAlike(right, left) == isAlike)
    }

    @Test("Sounds that many do not tell apart are one when folded, and not before")
    func folded() {
        #expect(!pinyin.soundsAlike("陈宁", "岑林"))
        #expect(pinyin.soundsAlike("陈宁", "岑林", folding: foldedSyllable))
        #expect(!pinyin.soundsAlike("王胡", "王付", folding: foldedSyllable))
    }

    @Test("Every character of the first Unicode block that has a reading has one of letters only")
    func letters() {
        var count = 0
        for scalar in (0x4E00...0x9FA5).compactMap(UnicodeScalar.init) {
            let readings = pinyin.readings(of: Character(scalar))
            count += readings.isEmpty ? 0 : 1
            #expect(Set(readings).count == readings.count, "\(scalar)")
            #expect(readings.allSatisfy { $0.allSatisfy { ("a"..."z").contains($0) } }, "\(scalar)")
        }
        #expect(count > 20_000)
        #expect(pinyin.readings(of: "A").isEmpty)
    }

    @Test("What is behind the longest name is not read")
    func longest() {
        let name = String(repeating: "王", count: Pinyin.nameLongest + 7)
        #expect(pinyin.syllables(ofName: name).count == Pinyin.nameLongest)
    }
}
