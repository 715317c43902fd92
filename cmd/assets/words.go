package main

import (
	"encoding/json"
	"fmt"

	"rapport/lang"
)

// alarms are the words of js/looks.js, a script for each language: what it says must come
// with it, and not with the page that it checks.
func alarms() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, t := range lang.All() {
		p := lang.New(t, lang.WordClient)
		b, err := json.Marshal(map[string]string{
			"title": p.ProofAlarmTitle(), "shorter": p.ProofAlarmShorter("{was}", "{now}"), "other": p.ProofAlarmOther("{was}"), "changed": p.ProofAlarmChanged("{now}", "{was}"),
			"key": p.ProofAlarmKey(), "signature": p.ProofAlarmSignature(), "mine": p.ProofAlarmMine("{line}"), "line": p.ProofAlarmLine("{line}", "{at}"), "hidden": p.ProofAlarmHidden("{line}", "{at}"),
			"broken": p.ProofAlarmBroken(), "means": p.ProofAlarmMeans(), "fault": p.ProofAlarmFault(), "todo": p.ProofAlarmTodo(), "keep": p.ProofAlarmKeep(), "save": p.ProofAlarmSave(), "show": p.ProofAlarmShow(),
			"know": p.ProofAlarmKnow(), "lose": p.ProofAlarmLose(), "anew": p.ProofAlarmAnew(), "own": p.ProofAlarmOwn(), "page": p.ProofAlarmPage(),
		})
		if err != nil {
			return nil, err
		}
		out["js/alarm-"+t.String()+".js"] = fmt.Appendf(nil, "self.looksWords=%s;\n", b)
	}
	return out, nil
}
