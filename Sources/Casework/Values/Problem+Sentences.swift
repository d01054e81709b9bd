extension Problem {
    /// What follows the field's label in a sentence for the clerk.
    var chinese: String {
        switch self {
        case .malformed(let line, let column): "不是有效的JSON（第\(line)行第\(column)列）。"
        case .repeatedKey(let line, let column): "中有重复的字段（第\(line)行第\(column)列）。"
        case .tooLarge(let bytesMax): "超过\(bytesMax / 1024)KB。"
        case .tooDeep: "层次过多。"
        case .notAnObject: "应为字段名和值的对象。"
        case .tooManySiblings(let countMax): "中同胞不得超过\(countMax)名。"
        case .jurisdictionDisagrees: "与所选政策包不一致。"
        case .jurisdictionUnknown: "没有这个地区的政策包，请核对。"
        case .unknownField: "不是已知的字段。"
        case .notEntered: "由系统生成，不能填写。"
        case .ownedByDepartment: "由办理部门填写，窗口不能填写。"
        case .wrongType(let expected): "应填写\(expected.chinese)。"
        case .tooLong(let countMax): "过长，最多\(countMax)个字。"
        case .tooMany(let countMax): "过多，最多\(countMax)项。"
        case .controlCharacter: "含有不能使用的字符。"
        case .outOfRange(let range): "应在\(plain(range.lowerBound))至\(plain(range.upperBound))之间。"
        case .unknownCode: "不在可选范围内。"
        case .repeated: "有重复的选项。"
        case .unknownPart: "含有未知的组成部分。"
        case .noSuchDate: "不是有效的日期（格式：2025-09-29）。"
        case .badFormat(let format): format.chinese
        case .badIDNumber(.shape): "不是18位公民身份号码。"
        case .badIDNumber(.birthDate): "中的出生日期不存在。"
        case .badIDNumber(.checkDigit): "的校验码不正确，请对照证件核对。"
        case .inFuture: "晚于今天。"
        case .before(let label): "早于\(label)。"
        case .differs(let label): "与\(label)不一致。"
        case .sexDiffers: "与性别不一致。"
        case .notOffered: "含有本政策包没有的事项。"
        case .unusual(let range): "不在常见范围（\(plain(range.lowerBound))至\(plain(range.upperBound))），请核对。"
        case .landLine: "不是手机号码，将收不到短信。"
        case .notChineseName: "一般为2至50个汉字（可含“·”），请核对。"
        case .oldMarriageCertificate: "不是现行格式（如J450326-2021-000001），请核对。"
        case .oddPreEnrolment: "不是母亲（父亲）身份证号码加新生儿标识（x、Y、大B、小B），请核对。"
        case .noLuhnSum: "不符合银行卡号的校验规则，请核对。"
        case .notChildOfHead: "应为子或女，因为户主是新生儿的父亲或母亲。"
        case .sameNumber(let label): "与\(label)相同。"
        case .notFilled: "未填写。"
        case .unlike(let label): "与\(label)不同，请核对。"
        case .oddChildOfHead: "为子或女，但户主不是新生儿的父亲或母亲，请核对。"
        case .oddSide: "与随父或随母落户不符（随父一般为孙子、孙女，随母一般为外孙子、外孙女），请核对。"
        case .otherProvince(let label): "的省份代码与\(label)的不同，请核对。"
        case .noSuchProvince: "的前两位不是省级行政区划代码，请核对。"
        case .unusualAge(let ages): "对应的生育年龄不在\(ages.lowerBound)至\(ages.upperBound)岁之间，请核对。"
        case .spaceOrLatin: "含有空格或字母，请核对。"
        case .longAfter(let label, let days): "距\(label)超过\(days)天，请核对。"
        }
    }

    /// The same for the technician.
    var english: String {
        switch self {
        case .malformed(let line, let column): "not valid JSON (line \(line), column \(column))"
        case .repeatedKey(let line, let column): "a key stands twice (line \(line), column \(column))"
        case .tooLarge(let bytesMax): "larger than \(bytesMax) bytes"
        case .tooDeep(let depthMax): "nested deeper than \(depthMax)"
        case .notAnObject: "expected an object of keys and values"
        case .tooManySiblings(let countMax): "more than \(countMax) siblings"
        case .jurisdictionDisagrees: "is not the chosen policy"
        case .jurisdictionUnknown: "names no policy that is at hand"
        case .unknownField: "no such field"
        case .notEntered: "written by the system only"
        case .ownedByDepartment: "written by its department only"
        case .wrongType(let expected): "expected \(expected.english)"
        case .tooLong(let countMax): "longer than \(countMax) characters"
        case .tooMany(let countMax): "more than \(countMax) entries"
        case .controlCharacter: "contains a control character"
        case .outOfRange(let range): "outside \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        case .unknownCode: "not a code of its list"
        case .repeated: "a code stands twice"
        case .unknownPart: "has a part that is not known"
        case .noSuchDate: "not a date YYYY-MM-DD"
        case .badFormat(let format): "not \(format.english)"
        case .badIDNumber(.shape): "not 18 characters of a citizen ID number"
        case .badIDNumber(.birthDate): "the birth date in the ID number does not exist"
        case .badIDNumber(.checkDigit): "wrong check character (GB 11643)"
        case .inFuture: "later than today"
        case .before(let label): "earlier than \(label)"
        case .differs(let label): "disagrees with \(label)"
        case .sexDiffers: "disagrees with the sex"
        case .notOffered: "names an item that the policy does not offer"
        case .unusual(let range): "usually \(plain(range.lowerBound)) to \(plain(range.upperBound))"
        case .landLine: "not a mobile number"
        case .notChineseName: "usually 2 to 50 Chinese characters"
        case .oldMarriageCertificate: "not the present style of marriage certificates"
        case .oddPreEnrolment: "not a parent's ID number with a mark for the child"
        case .noLuhnSum: "fails the Luhn check"
        case .notChildOfHead: "must be son or daughter, as a parent is the head of household"
        case .sameNumber(let label): "is the same as \(label)"
        case .notFilled: "not filled in"
        case .unlike(let label): "differs from \(label)"
        case .oddChildOfHead: "son or daughter, but no parent is the head of household"
        case .oddSide: "a grandchild of the other parent's side"
        case .otherProvince(let label): "the province digits differ from those of \(label)"
        case .noSuchProvince: "the first two digits are no province of GB/T 2260"
        case .unusualAge(let ages): "an age at birth outside \(ages.lowerBound) to \(ages.upperBound)"
        case .spaceOrLatin: "contains a space or a Latin letter"
        case .longAfter(let label, let days): "more than \(days) days after \(label)"
        }
    }
}

extension TextFormat {
    fileprivate var chinese: String {
        switch self {
        case .phone: "不是有效的手机号码或固定电话。"
        case .birthCertificate: "应为1位大写字母加9位数字。"
        case .bankCard: "应为12至19位数字。"
        case .countyCode: "应为6位行政区划代码。"
        case .time: "不是有效的时间（格式：08:15）。"
        case .dateTime: "不是有效的时间（格式：2025-09-29T09:30:00+08:00）。"
        }
    }

    fileprivate var english: String {
        switch self {
        case .phone: "a mobile or land line number"
        case .birthCertificate: "one capital letter and nine digits"
        case .bankCard: "12 to 19 digits"
        case .countyCode: "a six-digit area code"
        case .time: "a time HH:mm"
        case .dateTime: "a time YYYY-MM-DDTHH:mm:ss+08:00"
        }
    }
}

extension Problem.Expected {
    fileprivate var chinese: String {
        switch self {
        case .text: "文字"
        case .wholeNumber: "非负整数"
        case .number: "非负数字"
        case .amount: "金额（元，最多两位小数）"
        case .yesOrNo: "是或否"
        case .code: "一个选项"
        case .list: "列表"
        case .object: "分项内容"
        case .caseID: "办件标识"
        case .hash: "文件标识"
        }
    }

    fileprivate var english: String {
        switch self {
        case .text: "a text"
        case .wholeNumber: "a whole number, not negative"
        case .number: "a number, not negative"
        case .amount: "an amount in yuan with at most two decimals"
        case .yesOrNo: "true or false"
        case .code: "a code (text)"
        case .list: "a list"
        case .object: "an object"
        case .caseID: "a UUID"
        case .hash: "64 hexadecimal digits"
        }
    }
}

/// A bound without a needless fraction.
private func plain(_ bound: Double) -> String {
    bound == bound.rounded() ? String(Int(bound)) : String(bound)
}
