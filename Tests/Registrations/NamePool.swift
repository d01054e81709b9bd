import Casework

/// Names as they are met in the southern provinces, each about as often as in life.
struct NamePool {
    /// Surnames with their share in ten thousand: the national order, with those that are common in Guangxi.
    static let surnames: [(String, Int)] = [
        ("王", 720), ("李", 718), ("张", 678), ("刘", 535), ("陈", 450), ("杨", 308), ("黄", 460), ("赵", 229),
        ("吴", 200), ("周", 190), ("徐", 140), ("孙", 138), ("马", 120), ("朱", 115), ("胡", 110), ("林", 130),
        ("郭", 105), ("何", 120), ("高", 95), ("罗", 110), ("郑", 85), ("梁", 170), ("谢", 80), ("宋", 70),
        ("唐", 100), ("许", 65), ("邓", 90), ("韩", 60), ("冯", 60), ("曹", 55), ("彭", 55), ("曾", 60),
        ("肖", 55), ("田", 50), ("董", 50), ("潘", 90), ("袁", 45), ("蔡", 50), ("蒋", 50), ("余", 45),
        ("于", 40), ("杜", 40), ("叶", 45), ("程", 40), ("魏", 40), ("苏", 60), ("吕", 35), ("丁", 35),
        ("任", 35), ("卢", 60), ("姚", 30), ("沈", 30), ("钟", 40), ("姜", 30), ("崔", 25), ("谭", 45),
        ("陆", 70), ("范", 25), ("廖", 55), ("石", 30), ("韦", 220), ("覃", 150), ("莫", 90), ("蒙", 60),
        ("农", 60), ("蓝", 40), ("岑", 15), ("区", 6), ("单", 4), ("仇", 4), ("解", 4), ("欧阳", 10), ("尉迟", 1),
    ]

    private static let ofMothers =
        "丽娟敏静婷燕艳玲芳霞红梅英兰凤秀琴珍慧莉雪云萍倩晶洁颖琳佳怡媛欣妍蓉薇露春小海美金玉爱晓文思雨梦"
    private static let ofFathers =
        "伟强磊军勇杰涛超明刚平辉鹏飞华斌波宇浩凯健俊峰龙建国志文海东永天成新立家德金玉林荣贵福祥"
    /// Two characters that were fashionable, the most fashionable first.
    private static let ofChildren = [
        "梓涵", "子轩", "一诺", "浩宇", "欣怡", "梓萱", "宇轩", "雨桐", "浩然", "诗涵", "子涵", "可馨", "奕辰", "宇航",
        "梓睿", "若汐", "沐宸", "语桐", "俊熙", "思远", "嘉懿", "煜城", "懿轩", "烨伟", "苑博", "伟泽", "熠彤", "鸿煊",
        "博涛", "烨霖", "烨华", "煜祺", "智宸", "正豪", "昊然", "明杰", "诚", "立轩", "立辉", "峻熙", "弘文", "熠",
        "鸿涛", "烨磊", "晟睿", "文昊", "修洁", "黎昕", "远航", "旭尧", "鸿煊", "圣杰", "俊楠", "苡沫", "艺涵", "静怡",
        "梦洁", "梦琪", "忆柳", "之桃", "慕青", "初夏", "沛菡", "傲珊", "曼文", "乐菱", "惜文", "香寒", "新柔", "语蓉",
    ]

    private static let homophones: [String] = [
        "梓子紫籽", "涵含晗寒", "轩萱宣瑄", "怡宜仪", "欣心新馨昕", "宇雨语羽", "婷廷庭", "燕艳彦", "丽莉俐莉", "静婧靖敬",
        "芳方", "明铭鸣", "杰洁", "浩昊皓", "辰宸晨", "伟玮维", "军君俊", "英瑛", "玉郁煜", "琳林霖", "娟涓", "红虹鸿", "志智",
        "文雯", "诗思", "博勃", "睿瑞", "桐彤童", "嘉佳家", "韦魏", "覃秦", "蒙孟",
    ]

    /// Whose name is made up.
    enum Bearer { case mother, father, child }

    static func surname(_ random: inout some RandomNumberGenerator) -> String {
        var place = Int.random(in: 0..<surnames.map(\.1).reduce(0, +), using: &random)
        for (name, share) in surnames {
            if place < share { return name }
            place -= share
        }
        return "王"
    }

    static func given(_ bearer: Bearer, _ random: inout some RandomNumberGenerator) -> String {
        if bearer == .child, Int.random(in: 0..<100, using: &random) < 60 {
            // The first names of the list far more often than the last.
            let place = min(Int.random(in: 0..<70, using: &random), Int.random(in: 0..<70, using: &random))
            return ofChildren[place % ofChildren.count]
        }
        let pool = Array(bearer == .mother ? ofMothers : ofFathers)
        let isShort = Int.random(in: 0..<100, using: &random) < 25
        return String(
            (0..<(isShort ? 1 : 2)).map { _ in pool[Int.random(in: 0..<pool.count, using: &random)] })
    }

    /// The name with one character written as another that sounds the same; nil if none of it has one.
    static func misheard(_ name: String, _ random: inout some RandomNumberGenerator) -> String? {
        let places = name.indices.filter { index in homophones.contains { $0.contains(name[index]) } }
        guard let place = places.randomElement(using: &random),
            let set = homophones.first(where: { $0.contains(name[place]) }),
            let other = set.filter({ $0 != name[place] }).randomElement(using: &random)
        else { return nil }
        return name.replacingCharacters(in: place...place, with: String(other))
    }

    /// The name with its last character written as any other.
    static func mistyped(_ name: String, _ random: inout some RandomNumberGenerator) -> String {
        name.dropLast() + String(Array(ofFathers).randomElement(using: &random) ?? "一")
    }
}
