"""The Chinese words that stand for the county file's own words in a workbook."""

KINDS = {
    "小学": "primary",
    "教学点": "teaching_point",
    "初中": "junior",
    "九年一贯制": "nine_year",
    "完全中学": "complete_secondary",
    "十二年一贯制": "twelve_year",
    "特殊教育": "special",
    "中职": "vocational",
}
LOCALITIES = {"城区": "urban", "镇区": "town", "乡村": "rural"}
OWNERSHIPS = {"公办": "public", "民办": "private"}
FLAGS = {"是": "true", "否": "false"}
STAGES = {"小学": "primary", "初中": "junior"}
STAGES_AND_COUNTY = STAGES | {"全县": "county"}
SOURCES = {"国家": "national", "省级": "provincial"}
ROOMS = {"音乐教室": "music_rooms", "美术教室": "art_rooms"}
FORMATS = {"county/1": "county/1"}

#: Judgements that rest on documents, and those made in words where figures were asked for.
ATTESTATIONS = {
    "学校规划布局合理（G1）": "layout",
    "城乡建设、编制、经费、装备标准统一（G2）": "unified_standards",
    "教师绩效工资总量足额核定（G8）": "performance_pay",
    "编制和岗位在总额内统筹分配（G10）": "posts",
    "优质高中名额向农村初中倾斜（G14）": "tilted_to_rural",
    "留守儿童关爱体系健全（G15）": "left_behind_care",
    "学校制定章程、管理与教学信息化（Q3）": "charters",
    "教师熟练运用信息化手段、设施利用率较高（Q5）": "informatised_teaching",
    "德育工作和校园文化建设良好以上（Q6）": "moral_culture",
    "课程开齐开足、教学秩序规范（Q7）": "curriculum",
    "无过重课业负担（Q8）": "burden",
    "音乐、美术专用教室达到要求（G3）": "music_art_rooms",
    "学校规模达到要求（G4）": "school_size",
    "班额达到要求（G5）": "class_size",
    "不足100人的学校按100人核定公用经费（G6）": "small_school_funds",
    "特殊教育生均公用经费达到要求（G7）": "special_education_funds",
    "教师平均工资不低于公务员（G8）": "teachers_pay",
    "教师完成五年360学时培训（G9）": "training_completed",
    "教师交流轮岗达到要求（G11）": "rotation",
    "专任教师持证上岗（G12）": "certificates",
    "就近划片入学达到要求（G13）": "nearby_enrolment",
    "优质高中名额分配达到要求（G14）": "senior_places",
    "随迁子女就读达到要求（G15）": "migrant_children",
    "初中三年巩固率达到要求（Q1）": "retention",
    "残疾儿童少年入学率达到要求（Q2）": "disabled_children",
    "培训经费达到要求（Q4）": "training_funds",
    "劳动教育达到要求（Q7）": "labour",
    "质量监测达到要求（Q9）": "monitoring",
    "社会认可度达到要求": "recognition",
}

VETOES = {
    "以考试方式招生": "exam_admission",
    "违规择校": "illegal_choice",
    "设重点学校或重点班": "key_schools",
    "有编不补或长期聘用编外教师": "unfilled_posts",
    "重大安全责任事故或严重违纪违规事件": "serious_incident",
    "弄虚作假": "falsification",
}

#: Published county totals.
TOTALS = {
    "学校数（所）": "schools",
    "在校生（人）": "pupils",
    "教职工（人）": "employees",
    "专任教师（人）": "teachers",
    "高于规定学历教师（人）": "above_qualification",
    "县级以上骨干教师（人）": "backbone",
    "体育、艺术教师（人）": "pe_arts",
    "其中体育、艺术专业毕业（人）": "pe_arts_specialist",
}

#: Rows of the recognition table; a dot leads into an object.
TALLIES = {
    "问卷合计": "questionnaires",
    "家长": "groups.parent",
    "学生": "groups.student",
    "教师": "groups.teacher",
    "校长": "groups.principal",
    "人大代表": "groups.deputy",
    "政协委员": "groups.cppcc_member",
    "其他群众": "groups.public",
    "实地走访": "visits",
    "其中走访家长": "visited_parents",
}
