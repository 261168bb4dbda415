# Reference for calibrated weights and what follows from them, for contrasts, and for tests of association,
# in designs with unequal weights and two stages.
# usage: Rscript weighting.R > weighting.json     (R survey; the data are the package's own `api`)
suppressMessages({library(survey); library(jsonlite)})
data(api)
options(survey.lonely.psu="fail")
prep <- function(d) transform(d, aw=as.integer(awards=="Yes"), sw=as.integer(sch.wide=="Yes"))
apiclus1 <- prep(apiclus1); apiclus2 <- prep(apiclus2); apistrat <- prep(apistrat)
D <- list(clus1=svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=apiclus1),
          strat=svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc, data=apistrat),
          clus2=svydesign(id=~dnum+snum, fpc=~fpc1+fpc2, data=apiclus2))
num <- function(x) as.numeric(unlist(x))

# The covariance of domain means: R 4.1 has none for them, but totals of the linearised values have it.
domains <- function(v, d, levels=c("E","H","M")) {
  x <- d$variables[[v]]; w <- weights(d)
  z <- sapply(levels, function(l) { i <- d$variables$stype==l; i*(x-sum((w*x)[i])/sum(w[i]))/sum(w[i]) })
  means <- sapply(levels, function(l) { i <- d$variables$stype==l; sum((w*x)[i])/sum(w[i]) })
  covariance <- vcov(svytotal(z, d))
  contrast <- c(1,-1,0)
  list(level=levels, mean=num(means), vcov=unname(covariance), difference=num(sum(contrast*means)),
       difference_se=num(sqrt(contrast %*% covariance %*% contrast))) }
S <- function(d, ratio=TRUE) { a <- svymean(~aw, d); b <- svymean(~api00, d); t <- svytotal(~api00, d)
  e <- svymean(~aw, subset(d, stype=="E")); et <- svytotal(~aw, subset(d, stype=="E"))
  r <- list(weights=num(weights(d)), aw=num(coef(a)), aw_se=num(SE(a)), api00=num(coef(b)), api00_se=num(SE(b)),
    api00_total=num(coef(t)), api00_total_se=num(SE(t)), aw_E=num(coef(e)), aw_E_se=num(SE(e)),
    aw_E_total=num(coef(et)), aw_E_total_se=num(SE(et)), df_E=degf(subset(d, stype=="E")), by_stype=domains("aw", d))
  if (ratio) { q <- svyratio(~api.stu, ~enroll, d); r <- c(r, list(ratio=num(coef(q)), ratio_se=num(SE(q)))) }
  r }

types <- c(E=4421, H=755, M=1018); wide <- c(No=1072, Yes=5122)
pop.types <- data.frame(stype=names(types), Freq=types); pop.wide <- data.frame(sch.wide=names(wide), Freq=wide)
one <- c(`(Intercept)`=6194, stypeH=755, stypeM=1018); api <- c(one, api99=3914069)
both <- c(one, sch.wideYes=5122, api99=3914069); both2 <- c(one, sch.wideYes=5122)
W <- list(
 clus1_linear=S(calibrate(D$clus1, ~stype+api99, api)),
 clus1_linear_bounds=S(calibrate(D$clus1, ~stype+api99, api, calfun="linear", bounds=c(0.7,1.6), epsilon=1e-12, maxit=500)),
 clus1_raking=S(calibrate(D$clus1, ~stype+api99, api, calfun="raking", epsilon=1e-12, maxit=500)),
 clus1_logit=S(calibrate(D$clus1, ~stype+api99, api, calfun="logit", bounds=c(0.5,2), epsilon=1e-12, maxit=500)),
 strat_poststratified=S(postStratify(D$strat, ~sch.wide, pop.wide)),
 strat_linear=S(calibrate(D$strat, ~stype+sch.wide+api99, both)),
 strat_raking=S(calibrate(D$strat, ~stype+sch.wide+api99, both, calfun="raking", epsilon=1e-12, maxit=500)),
 strat_logit=S(calibrate(D$strat, ~stype+sch.wide+api99, both, calfun="logit", bounds=c(0.6,1.8), epsilon=1e-12, maxit=500)),
 strat_margins_raking=S(calibrate(D$strat, ~stype+sch.wide, both2, calfun="raking", epsilon=1e-12, maxit=500)),
 clus2_poststratified=S(postStratify(D$clus2, ~stype, pop.types), FALSE),
 clus2_raking=S(calibrate(D$clus2, ~stype+sch.wide, both2, calfun="raking", epsilon=1e-12, maxit=500), FALSE),
 clus2_plain=S(D$clus2, FALSE))

# Trimming.
rk <- rake(D$clus1, list(~stype,~sch.wide), list(pop.types,pop.wide), control=list(maxit=500, epsilon=1e-12))
trim <- function(d, ...) num(weights(trimWeights(d, ...)))
T <- list(weights=num(weights(rk)), lower=30, upper=60, once=trim(rk, lower=30, upper=60),
          strict=trim(rk, lower=30, upper=60, strict=TRUE),
          wide=list(weights=num(weights(D$strat)), upper=40, strict=trim(D$strat, upper=40, strict=TRUE)),
          repeated=list(weights=num(weights(D$strat)), upper=32, once=trim(D$strat, upper=32),
                        strict=trim(D$strat, upper=32, strict=TRUE)))

# A stratum with a single unit, plain and after post-stratification.
lonely <- rbind(apistrat[which(apistrat$stype=="E")[1:20],], apistrat[which(apistrat$stype=="H")[1:10],],
                apistrat[which(apistrat$stype=="M")[1],])
L <- list(data=list(stype=as.character(lonely$stype), sw=lonely$sw, aw=lonely$aw, pw=lonely$pw), wide=c(200,800))
for (o in c("remove","adjust","average","certainty")) { options(survey.lonely.psu=o)
  d <- svydesign(id=~1, strata=~stype, weights=~pw, data=lonely)
  p <- postStratify(d, ~sw, data.frame(sw=0:1, Freq=c(200,800)))
  s <- subset(p, stype!="H")
  L[[o]] <- list(mean=num(coef(svymean(~aw, d))), se=num(SE(svymean(~aw, d))), calibrated=num(coef(svymean(~aw, p))),
                 calibrated_se=num(SE(svymean(~aw, p))), calibrated_subset=num(coef(svymean(~aw, s))),
                 calibrated_subset_se=num(SE(svymean(~aw, s))), calibrated_subset_df=degf(s)) }
options(survey.lonely.psu="fail")

# Two stages and calibrated weights: shares of levels, and whether two columns go together.
K <- list()
for (n in c("clus2","strat_poststratified","clus2_raking")) {
  d <- switch(n, clus2=D$clus2, strat_poststratified=postStratify(D$strat, ~sch.wide, pop.wide),
              clus2_raking=calibrate(D$clus2, ~stype+sch.wide, both2, calfun="raking", epsilon=1e-12, maxit=500))
  K[[n]] <- list(shares={m <- svymean(~stype, d); list(mean=num(coef(m)), vcov=unname(vcov(m)))})
  for (s in c("F","Chisq","Wald","adjWald")) { q <- svychisq(~stype+awards, d, statistic=s)
    K[[n]][[s]] <- list(stat=num(q$statistic), par=num(q$parameter), p=num(q$p.value)) } }

column <- function(x) if (is.factor(x)) as.character(x) else x
columns <- function(d, names) lapply(d[, names], column)
G <- list(meta=list(R=R.version.string, survey=as.character(packageVersion("survey"))),
  totals=list(stype=as.list(types), sch.wide=as.list(wide), api99=3914069),
  data=list(clus2=columns(apiclus2, c("dnum","snum","stype","aw","sw","sch.wide","awards","api00","fpc1","fpc2"))),
  weights=W, trimming=T, lonely=L, association=K)
cat(toJSON(G, digits=NA, auto_unbox=TRUE, pretty=FALSE, na="null", null="null"))
