# Reference for two-stage and stratified designs with finite populations, and for single-unit strata.
# usage: Rscript two_stage.R > two_stage.json     (R survey; the data are the package's own `api`)
suppressMessages({library(survey); library(jsonlite)})
data(api)
prep <- function(d) transform(d, aw=as.integer(awards=="Yes"), sw=as.integer(sch.wide=="Yes"))
apiclus2 <- prep(apiclus2); apistrat <- prep(apistrat)

# Stratified two-stage: the districts of apiclus2 in two strata by number, with made-up populations of
# districts; every stratum and district keeps its own numbers.
two <- apiclus2
two$half <- ifelse(two$dnum < 400, "low", "high")
two$fpc1 <- ifelse(two$half == "low", 400, 357)

# Stratified clusters: the counties of apistrat's schools as clusters inside school types.
clu <- apistrat
clu$fpc1 <- c(E=40, H=45, M=35)[as.character(clu$stype)]
clu$pw <- ifelse(clu$cnum %% 2 == 0, 30, 45)

# A stratum with a single primary unit.
lonely <- rbind(apistrat[which(apistrat$stype=="E")[1:20],], apistrat[which(apistrat$stype=="H")[1:10],],
                apistrat[which(apistrat$stype=="M")[1],])

num <- function(x) as.numeric(unlist(x))
ci <- function(f, d) sapply(c("logit","beta","mean"), function(m) {
  x <- tryCatch(suppressWarnings(svyciprop(f, d, method=m)), error=function(e) NULL)
  if (is.null(x)) NULL else num(confint(x)) }, simplify=FALSE)
one <- function(v, d, prop=TRUE) {
  f <- as.formula(paste0("~", v))
  m <- svymean(f, d, deff="replace"); w <- svymean(f, d, deff=TRUE); t <- svytotal(f, d, deff="replace")
  c(list(mean=num(coef(m)), se=num(SE(m)), deff_replace=num(deff(m)), deff=num(deff(w)), total=num(coef(t)),
         total_se=num(SE(t)), total_deff_replace=num(deff(t)), df=degf(d), n=nrow(d)),
    if (prop) list(ci=ci(f, d)) else list())
}
design <- function(d) {
  q <- svyratio(~api.stu, ~enroll, subset(d, !is.na(enroll)))
  c(list(aw=one("aw", d), sw=one("sw", d), api00=one("api00", d, FALSE),
         ratio=list(estimate=num(coef(q)), se=num(SE(q)))),
    sapply(c("E","H","M"), function(s) { e <- subset(d, stype==s); one("aw", e) }, simplify=FALSE))
}
columns <- function(d, names) { out <- lapply(d[, names], function(x) if (is.factor(x)) as.character(x) else x); out }

options(survey.lonely.psu="fail")
G <- list(
  meta=list(R=R.version.string, survey=as.character(packageVersion("survey"))),
  clus2=list(call="svydesign(id=~dnum+snum, fpc=~fpc1+fpc2)",
    data=columns(apiclus2, c("dnum","snum","stype","aw","sw","api00","api.stu","enroll","fpc1","fpc2")),
    results=design(svydesign(id=~dnum+snum, fpc=~fpc1+fpc2, data=apiclus2))),
  strat_clus2=list(call="svydesign(id=~dnum+snum, strata=~half, fpc=~fpc1+fpc2)",
    data=columns(two, c("dnum","snum","half","stype","aw","sw","api00","api.stu","enroll","fpc1","fpc2")),
    results=design(svydesign(id=~dnum+snum, strata=~half, fpc=~fpc1+fpc2, data=two))),
  strat_clus1=list(call="svydesign(id=~cnum, strata=~stype, weights=~pw, fpc=~fpc1, nest=TRUE)",
    data=columns(clu, c("cnum","stype","aw","sw","api00","api.stu","enroll","fpc1","pw")),
    results=design(svydesign(id=~cnum, strata=~stype, weights=~pw, fpc=~fpc1, nest=TRUE, data=clu))),
  clus2_lonely=list(), lonely=list(data=columns(lonely, c("snum","stype","aw","api00","pw"))))

# The second stage with single schools in districts of several: fpc2 + 1 leaves no district taken whole.
loose <- transform(apiclus2, fpc2=fpc2+1)
G$clus2_lonely$call <- "svydesign(id=~dnum+snum, fpc=~fpc1+I(fpc2+1))"
for (o in c("remove","adjust")) { options(survey.lonely.psu=o)
  d <- svydesign(id=~dnum+snum, fpc=~fpc1+fpc2, data=loose); m <- svymean(~aw, d); t <- svytotal(~aw, d)
  G$clus2_lonely[[o]] <- list(mean=num(coef(m)), se=num(SE(m)), total_se=num(SE(t))) }
for (o in c("remove","adjust","average")) { options(survey.lonely.psu=o)
  d <- svydesign(id=~1, strata=~stype, weights=~pw, data=lonely)
  m <- svymean(~aw, d); t <- svytotal(~aw, d); e <- subset(d, stype!="H"); s <- svymean(~aw, e)
  G$lonely[[o]] <- list(mean=num(coef(m)), se=num(SE(m)), total_se=num(SE(t)), df=degf(d),
                        subset_mean=num(coef(s)), subset_se=num(SE(s)), subset_df=degf(e)) }
cat(toJSON(G, digits=NA, auto_unbox=TRUE, pretty=FALSE, na="null", null="null"))
